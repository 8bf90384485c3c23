"""A real Caddy with the configuration of `compose.yaml`, which can be killed and started again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from config import ROOT
from server.children import spawn, stop, wait_until
from support.redis_server import free_port
from support.unavailable import Unavailable

CADDYFILE = ROOT / "Caddyfile"


class CaddyServer:
    """A proxy on a free port before the servers at some addresses, `host:port` each."""

    def __init__(self, servers: Sequence[str]) -> None:
        program = shutil.which("caddy")
        if program is None:
            raise Unavailable("There is no Caddy: install caddy.")
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-caddy-"))
        self.url = f"http://127.0.0.1:{free_port()}"
        # Without a host that is to have a certificate, it speaks HTTP.
        environ = {
            "HOME": self.folder,
            "XDG_DATA_HOME": self.folder,
            "XDG_CONFIG_HOME": self.folder,
            "SITE": self.url,
            "WEB_SERVERS": " ".join(servers),
        }
        variables = (f"{name}={value}" for name, value in environ.items())
        self._line = ("env", *variables, program, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return (self.folder / "caddy.log").read_text()

    def start(self) -> None:
        """Start the proxy and wait until it takes connections."""
        with (self.folder / "caddy.log").open("ab") as log:
            self._process = spawn(*self._line, folder=self.folder, output=log)
        assert wait_until(self.answers, seconds=60), self.log

    def kill(self) -> None:
        """End the proxy as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Stop the proxy and remove its folder."""
        if self._process is not None:
            stop(self._process, grace=5)
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self) -> bool:
        """Tell whether it takes connections, whatever it says."""
        with suppress(HTTPError):
            try:
                urlopen(f"{self.url}/health/live", timeout=10).close()
            except (URLError, OSError) as error:
                if not isinstance(error, HTTPError):
                    return False
                raise
        return True
