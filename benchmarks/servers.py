"""Start a WSGI application as `make run` does, the same way for Lectern and its peers."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config import ROOT
from server.children import wait_until
from support.servers import free_port


@contextmanager
def serve(
    target: str,
    instance: Path,
    environ: Mapping[str, str],
    *,
    workers: int = 2,
    threads: int = 2,
    migrate: bool = True,
    python: str = sys.executable,
) -> Iterator[str]:
    """Migrate the database, serve `target` (module:name) on a free port, and yield its address."""
    settings = {**os.environ, "LECTERN_INSTANCE": str(instance), **environ}
    if migrate:
        upgrade = [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"]
        subprocess.run(upgrade, check=True, capture_output=True, cwd=ROOT, env=settings)
    port = free_port()
    line = [python, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(workers)]
    line += ["--blocking-threads", str(threads), "--backpressure", "512", "--log-level", "error", target]
    process = subprocess.Popen(line, cwd=ROOT, env=settings)
    url = f"http://127.0.0.1:{port}"
    try:
        assert wait_until(lambda: _answers(url), seconds=60), f"{target} does not answer"
        yield url
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            # It now and then waits for ever for a worker that was under load; nothing is measured any more.
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2):
            return True
    except urllib.error.HTTPError:
        # A peer may know no such page.
        return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
