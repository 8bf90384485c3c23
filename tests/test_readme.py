"""What the documentation says can be done works as it is written there."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_caching
import pytest
from flask import Flask
from flask_caching.backends import rediscache

from config import ROOT
from support.servers import LecternServer
from tests.support.references import prose_and_words, stale
from tests.support.world import World

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)

# Where other words of ours come from.
OTHER_FILES = ("*.html", "*.js", "*.css", "*.toml", "*.in", "*.mako", "*.lua", ".env.example", "Makefile")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_requests_of_the_readme_lead_from_registration_to_a_booking(
    start_lectern: Callable[..., LecternServer], tmp_path: Path
) -> None:
    server = start_lectern(DEMO_DATA="1")
    script = next(block for block in _code(ROOT / "README.md") if "/auth/register" in block)
    assert script.count("curl") == 5

    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace("http://127.0.0.1:8000", server.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    gig, booking, bookings = _json_values(run.stdout)
    assert "iano" in gig["title"]
    assert (booking["status"], booking["gig"]["id"]) == ("pending", gig["id"])
    assert [lesson["id"] for lesson in bookings["data"]] == [booking["id"]]


@on_sqlite
def test_the_commands_of_the_documentation_exist(world: World) -> None:
    world.student(email="tom@example.org")
    commands = {line for page in PAGES for block in _code(page) for line in re.findall(r"bin/flask (.+)", block)}
    assert len(commands) >= 7
    for command in sorted(commands):
        words = re.sub(r"--app app ", "", command).split()

        result = world.app.test_cli_runner().invoke(args=[*words[:2], "--help"])

        assert result.exit_code == 0, command
        for option in (word for word in words if word.startswith("--")):
            assert option in result.output, command


@every_page
def test_the_targets_of_make_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z]+)", page.read_text())) <= targets


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    headings = {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.+)$", text, re.M)}
    for link in re.findall(r"\]\(([^)]+)\)", text):
        path, _, place = link.partition("#")
        if link.startswith("https://"):
            continue
        assert (page.parent / path).exists(), link
        assert path or place in headings, link


@every_page
def test_settings_and_files_that_are_named_exist(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    settings = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    for module in (flask_caching, rediscache):
        settings.update(re.findall(r'"(CACHE_[A-Z_]+)"', inspect.getsource(module)))
    for word in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[a-z_]+(/[a-z_0-9-]+)*\.(py|md|txt|toml)", word) and "/" in word:
            assert (ROOT / word).exists() or (page.parent / word).exists(), word
        if match := re.fullmatch(r"([A-Z]+_[A-Z_]+)(=.*)?", word):
            assert match[1] in settings | {
                "FLASK_APP",
                "TEST_DATABASE_URL",
                "PROMETHEUS_MULTIPROC_DIR",
                "SSL_CERT_FILE",
            }, word


# Names of other programs and libraries that none of our code has.
OF_OTHERS = {
    *("sockaddr_un", "nohup", "request_buffers", "PrivateTmp", "ignore_startup_parameters"),
    *("default_transaction_read_only", "pidfd_open", "observe"),
    # Alembic's, which the migrations that are to come have or must not have.
    *("server_default", "downgrade"),
    # Where records about mail stand in the names of hosts.
    *("_domainkey", "_dmarc"),
    # Stands for any header.
    "X_Name",
}


def test_names_in_backquotes_stand_for_something() -> None:
    parts = {path: prose_and_words(path.read_text()) for path in _our_files("*.py") if path != Path(__file__)}
    of_all = OF_OTHERS.union(*(words for _, words in parts.values()), *map(_words_in, OTHER_FILES))
    of_product = OF_OTHERS.union(
        *(words for path, (_, words) in parts.items() if not _is_test(path)), *map(_words_in, OTHER_FILES)
    )
    prose = {path: said for path, (said, _) in parts.items()}
    prose |= {page: re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL) for page in PAGES}

    found = [
        f"{path.relative_to(ROOT)}: `{name}`"
        for path, said in prose.items()
        for name in stale(
            said,
            of_product if path.suffix == ".py" and not _is_test(path) else of_all,
            (ROOT, ROOT / "templates", path.parent),
        )
    ]

    assert not found, "These names stand for nothing (any more):\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("`caching/alerts.py` has them", ["caching/alerts.py"]),
        ("comes from `tags_showing`", ["tags_showing"]),
        ("see `Store.forget()`", ["Store.forget()"]),
        ("`Store.mark` in `caching/store.py`, `POST /x`, `a b`", []),
    ],
)
def test_a_name_that_stands_for_nothing_is_found(said: str, found: list[str]) -> None:
    prose, words = prose_and_words(f'class Store:\n    """Keep."""\n\n    def mark(self): ...  # {said}\n')

    assert list(stale(prose, words, [ROOT])) == found


@on_sqlite
def test_the_addresses_that_are_named_exist(app: Flask) -> None:
    rules = {re.sub(r"<[^>]+>", "*", str(rule)) for rule in app.url_map.iter_rules()}
    for page in PAGES:
        for path in re.findall(r"`(?:GET |POST |PATCH |PUT )?(/(?:api/)?[a-z./-]+)`", page.read_text()):
            assert path in rules or path == "/api", f"{page.name}: {path}"


def _is_test(path: Path) -> bool:
    return path.is_relative_to(ROOT / "tests")


def _words_in(pattern: str) -> set[str]:
    return {word for path in _our_files(pattern) for word in re.findall(r"[A-Za-z_]\w*", path.read_text())}


def _our_files(pattern: str) -> Iterator[Path]:
    """The files of ours with such a name; what is installed, generated or fetched is not."""
    elsewhere = {".venv", ".git", "instance", ".upstream", ".peers", "artifacts", "node_modules"}
    return (path for path in sorted(ROOT.rglob(pattern)) if not elsewhere.intersection(path.relative_to(ROOT).parts))


def _code(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def _json_values(text: str) -> list[dict[str, Any]]:
    """The values that stand one after the other."""
    decoder = json.JSONDecoder()
    values: list[dict[str, Any]] = []
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:]
    return values
