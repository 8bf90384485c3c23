"""Libraries that few requests need are imported when they are used, because they take memory in every worker."""

from __future__ import annotations

import subprocess
import sys

from config import ROOT
from later import Later

HEAVY = ("alembic", "fpdf", "icalendar", "kombu", "PIL", "psycopg", "pyotp", "requests", "segno")


def test_an_application_is_made_without_the_heavy_libraries() -> None:
    program = f"import sys, app; print([name for name in {HEAVY} if name in sys.modules])"

    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


def test_a_module_is_there_when_something_of_it_is_used() -> None:
    assert Later("fractions").Fraction(1, 2) == 0.5
