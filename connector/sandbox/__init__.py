"""Both helpdesks, emulated on loopback, for tests and demonstrations."""

from connector.sandbox.scenario import populate
from connector.sandbox.server import Sandbox, start
from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from connector.sandbox.world import World

__all__ = ["DashlySwitches", "IntercomSwitches", "Sandbox", "World", "populate", "start"]
