"""Writing the report: gathered, rendered, and replacing a file as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.app.reporting.facts import gather
from connector.app.reporting.page import render
from connector.app.reporting.target import write_page

if TYPE_CHECKING:
    from pathlib import Path

    from connector.app.machine.environment import Environment
    from connector.config.model import Config


def write_report(config: Config, environment: Environment, target: Path) -> int:
    """Write the page and return its size; ConfigError or DiskFailed when the file cannot be written."""
    return write_page(target, render(gather(config, environment)))
