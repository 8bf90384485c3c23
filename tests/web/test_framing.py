"""Which websites may show gigs in a frame, as the setting names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ConfigError, load_settings


def origins(folder: Path, given: str) -> tuple[str, ...]:
    return load_settings({"LECTERN_INSTANCE": str(folder), "EMBED_ORIGINS": given}, root=folder).embed_origins


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("", ()),
        ("https://www.school.example", ("https://www.school.example",)),
        (" HTTPS://School.Example/ ,, https://school.example", ("https://school.example",)),
        ("https://a.example:8443,http://localhost:3000", ("https://a.example:8443", "http://localhost:3000")),
    ],
)
def test_websites_are_their_scheme_host_and_port(tmp_path: Path, given: str, taken: tuple[str, ...]) -> None:
    assert origins(tmp_path, given) == taken


@pytest.mark.parametrize(
    "given",
    [
        "*",
        "https://*.school.example",
        "school.example",
        "http://school.example",
        "https://school.example/page",
        "https://school.example?a=b",
        "https://me@school.example",
        "https://school.example; script-src *",
        "https://school.example\nX: y",
        "https://school.example:port",
        "https://-school.example",
        "https://schule.münchen",
        "https://[::1]",
        "https:// school.example",
        "'self'",
        "data:",
        "https://" + "a" * 64 + ".example",
        "https://" + "a-" * 5000,
    ],
)
def test_nothing_else_reaches_the_header(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError, match="EMBED_ORIGINS cannot be used"):
        origins(tmp_path, given)
