"""The control interface over HTTP: JSON in, JSON out, under `/__control__/`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from connector.sandbox.exchange import JsonObject, Request, Response

if TYPE_CHECKING:
    from connector.sandbox.world import World

PREFIX = "/__control__/"


def control(world: World, side: str, request: Request) -> Response:
    """Run `/__control__/<command>` with the body's members as arguments.

    A command is one of this module's, `skew` or `jump` of a side's clock, or any public action of the
    side's desk; a member `side` chooses the other side.
    """
    command = request.path.removeprefix(PREFIX).strip("/")
    try:
        arguments = request.json()
        side = str(arguments.pop("side", side))
        return Response.of_json({"result": _run(world, side, command, arguments)})
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the caller's answer
        return Response.of_json({"error": f"{type(error).__name__}: {error}"}, 400)


def _run(world: World, side: str, command: str, arguments: JsonObject) -> object:
    match command:
        case "advance":
            return world.advance(**arguments)
        case "truth":
            return world.truth()
        case "notifications" | "requests" | "crashes" | "deliveries" | "made_by_reading":
            return world.snapshot()[command]
        case "faults":
            return [asdict(world.fault(**rule)) for rule in arguments["rules"]]
        case "disturb":
            return asdict(world.disturb(side, **arguments))
        case "clear_faults":
            world.clear_faults()
        case _:
            return world.act(side, command, arguments)
    return None
