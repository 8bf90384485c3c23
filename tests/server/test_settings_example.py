"""`.env.example` is the operators' page: nothing may be missing, nothing invented."""

import re

from config import ROOT
from config.settings import _SettingsSchema

EXAMPLE = (ROOT / ".env.example").read_text()


def test_every_setting_is_in_the_example() -> None:
    assert set(re.findall(r"^#([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == set(_SettingsSchema().fields)


def test_every_setting_has_a_sentence_above_it() -> None:
    paragraphs = EXAMPLE.strip().split("\n\n")
    assert all(re.match(r"# [A-Z`01].*\.(\n#|$)", paragraph, re.DOTALL) for paragraph in paragraphs)
