"""What it takes to start a worker, and what an idle one takes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from statistics import median

from benchmarks.stand import Stand
from config import ROOT

RUNS = 8
# Imports the application as a worker does, then tells how much memory it takes.
_PROGRAM = "import wsgi, pathlib; print(pathlib.Path('/proc/self/status').read_text().split('VmRSS:')[1].split()[0])"


def run() -> str:
    """Measure and return a sentence."""
    with Stand() as stand:
        school = stand.school(bookings=100)
        environ = {**os.environ, **school.environ, "REDIS_URL": stand.redis.url}
        # As everywhere but in a first start, Python finds its compiled modules.
        environ |= {"PYTHONPYCACHEPREFIX": str(stand.folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
        subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, cwd=ROOT, env=environ)
        seconds, kilobytes = [], []
        for _ in range(RUNS):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            line = [sys.executable, "-c", _PROGRAM]
            output = subprocess.run(line, check=True, capture_output=True, text=True, cwd=ROOT, env=environ).stdout
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            kilobytes.append(int(output))
    return (
        f"Importing the application and starting its jobs takes **{median(seconds):.2f} s** of processor time "
        f"({min(seconds):.2f}–{max(seconds):.2f}); then the process takes **{median(kilobytes) / 1024:.0f} MB**.\n"
    )
