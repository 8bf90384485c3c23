"""What `make` calls: nothing becomes root unasked, and continuous integration runs everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT

# What the scripts need of a machine; all else is missing on it.
PROGRAMS = ("bash", "dirname", "env", "sha256sum")


class Machine:
    """The scripts on a machine that lacks what they install, with a `sudo` and an `apt-get` that take notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.called = folder / "called"
        shutil.copytree(ROOT / "scripts", folder / "scripts")
        for name in ("requirements.txt", "Makefile"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        self.programs.mkdir()
        for name in PROGRAMS:
            (self.programs / name).symlink_to(shutil.which(name) or name)
        for name in ("sudo", "apt-get"):
            self.program(name, f'echo "$0 $*" >>{self.called}')
        self.called.touch()
        self.called.chmod(0o666)

    def program(self, name: str, line: str) -> None:
        """Put a program on the machine."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script as a user who is not root."""
        return subprocess.run(
            [self.folder / script],
            cwd=self.folder,
            env={"PATH": str(self.programs)},
            user="nobody" if os.geteuid() == 0 else None,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine() -> Iterator[Machine]:
    # Not a folder of pytest's: only their owner may enter those.
    with tempfile.TemporaryDirectory(prefix="lectern-scripts-") as folder:
        Path(folder).chmod(0o755)
        yield Machine(Path(folder))


def test_an_installation_without_root_says_which_command_helps(machine: Machine) -> None:
    machine.program("python3", 'case "$*" in *ensurepip*) exit 1 ;; esac')
    machine.program("install-production", 'exec "$(dirname "$0")/../scripts/install" requirements.txt')

    done = machine.run("programs/install-production")

    assert done.returncode == 1
    assert "Python cannot make virtual environments here.\n" in done.stderr
    assert "sudo apt-get install --no-install-recommends python3-venv\n" in done.stderr
    assert machine.called.read_text() == ""


@pytest.mark.parametrize(("script", "status"), [("scripts/setup-tests", 0), ("scripts/setup-bench", 1)])
def test_the_set_up_without_root_says_which_command_helps(machine: Machine, script: str, status: int) -> None:
    (machine.folder / "scripts/setup-upstream").write_text("#!/bin/sh\n")

    done = machine.run(script)

    assert done.returncode == status
    assert "chromium" in done.stderr
    assert "sudo apt-get install --no-install-recommends redis-server" in done.stderr
    assert ("sudo apt-get install --no-install-recommends wrk\n" in done.stderr) is (status == 1)
    assert machine.called.read_text() == ""


@pytest.mark.parametrize(("failing", "status"), [("", 0), ("lint", 1), ("test", 1)])
def test_continuous_integration_runs_everything_even_if_one_fails(machine: Machine, failing: str, status: int) -> None:
    machine.program("make", f'echo "make $*" >>{machine.called}; test "$1" != "{failing}"')

    done = machine.run(".ci/run")

    assert done.returncode == status
    assert machine.called.read_text() == "make lint\nmake test\n"


@pytest.mark.parametrize(
    ("failing", "succeeds"), [("", True), ("ruff check", False), ("ruff format", False), ("mypy", False)]
)
def test_make_lint_runs_all_checks_even_if_one_fails(machine: Machine, failing: str, succeeds: bool) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("There is no make on this machine.")
    machine.program("lint", f"exec {make} -o development lint")
    (machine.folder / ".venv/bin").mkdir(parents=True)
    for name in ("ruff", "mypy"):
        line = f'echo "{name} $*" >>{machine.called}; case "{name} $*" in "{failing}"*) test -z "{failing}" ;; esac'
        machine.program(f"../.venv/bin/{name}", line)

    done = machine.run("programs/lint")

    assert (done.returncode == 0) is succeeds
    assert machine.called.read_text() == "ruff check .\nruff format --check .\nmypy .\n"
