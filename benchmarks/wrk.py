"""The load generator: wrk, whose scripts are in `benchmarks/wrk_scripts/`."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "wrk_scripts"
CONNECTIONS = 8

_FACTORS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class NoLoadGenerator(Exception):
    """wrk is missing."""


@dataclass(frozen=True)
class Load:
    """What one run saw: answers a second, latencies in milliseconds, and answers that were no 2xx or 3xx."""

    rate: float
    p50: float
    p99: float
    errors: int


def run(
    url: str,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    script: str | None = None,
    arguments: tuple[str, ...] = (),
    connections: int = CONNECTIONS,
) -> Load:
    """Load `url` for some seconds from one thread.

    A script may choose what each request asks.
    """
    program = shutil.which("wrk")
    if program is None:
        raise NoLoadGenerator("wrk is not installed: apt-get install wrk")
    line = [program, "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
    line += ["--latency", "--timeout", "10s"]
    for name, value in (headers or {}).items():
        line += ["--header", f"{name}: {value}"]
    if script:
        line += ["--script", str(SCRIPTS / script)]
    output = subprocess.run([*line, url, "--", *arguments], check=True, capture_output=True, text=True).stdout
    return read(output)


def read(output: str) -> Load:
    """Find the numbers in what wrk prints."""
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", output, re.MULTILINE)
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    assert rate, output
    failed = int(errors[1]) if errors else 0
    failed += sum(map(int, sockets.groups())) if sockets else 0
    return Load(float(rate[1]), _latency(output, "50%"), _latency(output, "99%"), failed)


def _latency(output: str, share: str) -> float:
    found = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s|m)\s*$", output, re.MULTILINE)
    assert found, output
    return float(found[1]) * _FACTORS[found[2]]
