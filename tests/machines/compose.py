"""What `compose.yaml` says of the product's own services, for processes on this machine."""

from __future__ import annotations

import re
import sys
from typing import Any

import yaml  # type: ignore[import-untyped]

from config import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "lectern"}


def settings(name: str, **places: str) -> dict[str, str]:
    """Return the settings of a service; `places` win, and have to hold the addresses of this machine."""
    return {key: filled(value) for key, value in OURS[name]["environment"].items()} | places


def command(name: str) -> tuple[str, ...]:
    """Return the command of a service, run by this Python."""
    program, *words = OURS[name]["command"]
    return (sys.executable, "-m", program.removeprefix(".venv/bin/"), *words)


def filled(value: str) -> str:
    """Put a value in the place of each variable, its default if there is one."""
    return re.sub(r"\$\{\w+:([-?])([^}]*)\}", lambda it: it[2] if it[1] == "-" else "a secret of ours", value)
