"""A part that the machine lacks: a failure where CI=true, elsewhere a skip that the end of the run tells loudly."""

from __future__ import annotations

import os
from collections import Counter
from typing import NoReturn

import pytest

from support.unavailable import Unavailable

PREFIX = "Left out: "


def leave_out(reason: Unavailable) -> NoReturn:
    """Skip the present test, or fail it on CI, where the whole suite has to run."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(PREFIX + str(reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was left out, with the number of tests."""
    reasons = (report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    left_out = Counter(reason.split(PREFIX, 1)[1] for reason in reasons if PREFIX in reason)
    if left_out:
        terminalreporter.section("NOT EVERYTHING WAS TESTED", red=True, bold=True)
    for reason, tests in left_out.items():
        terminalreporter.write_line(f"{tests} tests left out. {reason}", red=True)
