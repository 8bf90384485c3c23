"""What a hit costs: one's own list from the cache, beside the least that Flask can do and other caches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import wrk
from benchmarks.stand import SECONDS, Stand, bearer, get, rate_of
from benchmarks.stats import interleaved, ratio

TEACHER = 1
PEERS_HOME = Path(__file__).parent / ".peers"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school()
        headers = bearer(school.token(TEACHER))
        ours = f"{stand.serve(school)}/api/bookings"
        stock = stand.serve(school, "benchmarks.peers.stock:app", redis=stand.another_redis())
        get(ours, headers)
        (stand.folder / "body").write_bytes(get(ours, headers))
        bare = stand.serve(school, "benchmarks.peers.bare:app", BODY=str(stand.folder / "body"))
        urls = {
            "Lectern": ours,
            "bare Flask view, same bytes": f"{bare}/api/bookings",
            "Flask-Caching `cached`": f"{stock}/peer/cached",
            "Flask-Caching `memoize`": f"{stock}/peer/memoized",
        }
        note = ""
        if python := _environment_of_peers():
            drf = stand.serve(school, "benchmarks.peers.drf.wsgi:app", redis=stand.another_redis(), python=python)
            urls["Django REST framework, cacheops"] = f"{drf}/api/bookings"
        else:
            note = "\nDjango REST framework with cacheops was left out: its packages could not be installed.\n"
        for url in urls.values():
            get(url, headers)
        rates = interleaved([rate_of(url, headers=headers) for url in urls.values()])
        rows = [f"| {name} | {ratio(rates[0], theirs)} |" for name, theirs in zip(urls, rates, strict=True)]
        size = len((stand.folder / "body").read_bytes())
        return (
            f"One worker, one thread, 8 connections, a list of {size:,} bytes.\n\n"
            "| Lectern's hits against | ratio of throughputs |\n|---|---|\n" + "\n".join(rows[1:]) + "\n" + note + "\n"
            "`cached` and `memoize` look the sign-in up through Lectern's cache, as Lectern does; how many of their "
            "answers are stale under concurrent writes is in the part *freshness*.\n\n"
            + _at_half(ours, headers, rates[0])
        )


def _at_half(url: str, headers: dict[str, str], rates: list[float]) -> str:
    """Measure the tail at half the highest rate: each connection waits between its requests."""
    pause = 1000 * wrk.CONNECTIONS / (max(rates) / 2)
    load = wrk.run(url, seconds=2 * SECONDS, headers=headers, script="paced.lua", arguments=(f"{pause:.2f}",))
    share = load.rate / max(rates)
    return (
        f"At {share:.0%} of the highest rate the median is {load.p50:.1f} ms, the 99th percentile {load.p99:.1f} ms.\n"
    )


def _environment_of_peers() -> str | None:
    """Return the Python of an environment with the peers' packages, made on first use; None if that fails."""
    python = PEERS_HOME / "bin" / "python"
    try:
        if not (PEERS_HOME / ".complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS_HOME)], check=True, capture_output=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
            subprocess.run(install, check=True, capture_output=True, timeout=240)
            (PEERS_HOME / ".complete").touch()
    except (subprocess.SubprocessError, OSError):
        return None
    return str(python)
