"""The machine: installed packages, disk space, and the lock."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from connector.doctor.findings import Finding, fail, ok, warn
from connector.host.amounts import age
from connector.host.holder import HANGS_AFTER, Holder, what_to_type
from connector.host.lock import holder_of
from connector.host.rights import open_ours, who_else_writes
from state.file.sizes import size as size_of

if TYPE_CHECKING:
    from mappings.model import Seconds

DISTRIBUTION = "dashly-intercom-connector"
PACKAGES = ("connector", "mappings", "state")
_MEGABYTE = 1024 * 1024
# A day's log and a backup fit into the first; below the second a write may find no room for its intent.
LOW, TOO_LOW = 500 * _MEGABYTE, 50 * _MEGABYTE


def packages() -> Finding:
    """Tell whether our import packages are ours alone: their names are common ones."""
    owners = metadata.packages_distributions()
    foreign = {
        name: strangers
        for name in PACKAGES
        if (strangers := sorted({_plain(owner) for owner in owners.get(name, ())} - {DISTRIBUTION}))
    }
    if foreign:
        told = ", ".join(f"{name} (from {' and '.join(others)})" for name, others in foreign.items())
        return fail(
            "packages",
            # The files of the one that was installed later win, whichever that was.
            f"another distribution also installs {told}",
            "install the connector into a separate virtual environment",
        )
    return ok("packages", _version())


def _version() -> str:
    try:
        found = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "run from a folder, without an installation"
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    place = " from a checkout" if origin.get("dir_info", {}).get("editable") else ""
    return f"{', '.join(PACKAGES)} belong to {DISTRIBUTION} {found.version} alone{place}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def disk(state: Path) -> Finding:
    """Tell whether the state file and a backup of it have room to grow."""
    try:
        free = shutil.disk_usage(state.parent).free
        size = state.stat().st_size if state.exists() else 0
    except OSError as error:
        return fail("disk", f"{state.parent}: {error.strerror}", "check [state] path")
    told = f"{size_of(free)} free beside the state file ({size_of(size)})"
    if free < TOO_LOW:
        return fail("disk", told, "make room: a run must be able to record what it does")
    # A backup is a whole copy, and so is the file that a vacuum writes.
    if free < max(LOW, 2 * size):
        return warn("disk", told, "make room for the state file, its log and a backup of it")
    return ok("disk", told)


def folder(state: Path) -> Finding:
    """Tell whether somebody else may put files in the place of the state file, its lock or its backups."""
    place = state.parent
    try:
        others = who_else_writes(place)
    except OSError as error:
        return fail("state folder", f"{place}: {error.strerror}", "check [state] path")
    if others:
        told = f"{others} may write to {place}, and so can replace the state file with another"
        return warn("state folder", told, f"chmod go-w {place}, and let it belong to this user")
    return ok("state folder", f"nobody else may write to {place}")


def lock(state: Path, now: Seconds) -> Finding:
    """Tell whether a run is at work; the lock is tried for an instant and nothing is created."""
    try:
        # Without O_CREAT: a lock made by another user would keep the run out.
        descriptor = open_ours(Path(f"{state}.lock"), os.O_RDONLY)
    except FileNotFoundError:
        return ok("lock", "free, and never held")
    except OSError as error:
        return fail("lock", f"{state}.lock: {error.strerror}", f"chown {state}.lock to the connector's user")
    try:
        # Shared, so that two doctors do not see each other as a run.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _held(state, holder_of(state), now)
    else:
        return ok("lock", "free")
    finally:
        os.close(descriptor)


def _held(state: Path, holder: Holder, now: Seconds) -> Finding:
    idle = holder.idle(state, now)
    if idle >= HANGS_AFTER:
        told = f"held by process {holder.process}, which has finished no step for {age(idle)}"
        return fail("lock", told, what_to_type(holder))
    return ok("lock", f"held by process {holder.process} for {age(now - holder.since)}: a run is at work")
