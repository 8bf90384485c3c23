"""An environment with the packages of those peers that share nothing with Lectern."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[1] / ".peers"
REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"


@functools.cache
def foreign_python() -> str | None:
    """Return the environment's Python, installed on first use.

    Returns None if that fails.
    """
    python = HOME / "bin" / "python"
    # What is installed says so, with the list that it was installed from.
    complete = HOME / ".complete"
    wanted = REQUIREMENTS.read_text()
    try:
        if not complete.exists() or complete.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True, capture_output=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
            subprocess.run(install, check=True, capture_output=True, timeout=240)
            complete.write_text(wanted)
    except (subprocess.SubprocessError, OSError):
        return None
    return str(python)
