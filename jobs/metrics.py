"""What is counted of jobs, by name, as `caching/metrics.py` counts reads."""

from __future__ import annotations

from prometheus_client import Counter

RUNS = Counter("lectern_job_runs", "Jobs and periodic work that were run.", ["name"])
FAILURES = Counter("lectern_job_failures", "Runs that failed.", ["name"])
SECONDS = Counter("lectern_job_seconds", "Time that runs took.", ["name"])


def note(name: str, seconds: float, *, failed: bool) -> None:
    """Count one run."""
    RUNS.labels(name).inc()
    SECONDS.labels(name).inc(seconds)
    if failed:
        FAILURES.labels(name).inc()
