"""Python environments for peers, and for Lectern as operators install it."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parent / ".peers"
# What the peers need that share nothing with Lectern.
FOREIGN = Path(__file__).parent / "requirements.txt"
# Lectern without what only its tests need. Some of its libraries load more where there is more.
PLAIN = Path(__file__).parents[1] / "requirements.txt"


@functools.cache
def python_with(requirements: Path) -> str | None:
    """Return the Python of an environment with these packages.

    It is installed on first use. Returns None if that fails.
    """
    home = HOME / ("foreign" if requirements == FOREIGN else "plain")
    python = home / "bin" / "python"
    # What is installed says so, with the list that it was installed from.
    complete = home / ".complete"
    wanted = requirements.read_text()
    try:
        if not complete.exists() or complete.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True, capture_output=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)]
            subprocess.run(install, check=True, capture_output=True, timeout=240)
            complete.write_text(wanted)
    except (subprocess.SubprocessError, OSError):
        return None
    return str(python)
