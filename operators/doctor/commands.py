"""`flask doctor`: whether the data is right, and whether all that Lectern needs is there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click
from flask.cli import with_appcontext

from database import reading
from errors import Unavailable
from operators.doctor.checks import CHECKS, Check
from operators.doctor.surroundings import SURROUNDINGS
from web.settings import chosen

# Of a mistake that was made ten thousand times the first ones say enough.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Line:
    """What is said about one thing.

    `found` is None if it was not looked at.
    """

    name: str
    says: str
    found: list[str] | None


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Leave out what is there only while Lectern runs: Redis, jobs, mail.")
@with_appcontext
def examine(offline: bool) -> None:
    """Check whether all is as it should be: a line for each check.

    It changes nothing, and works while the server runs. Exit code 1 if something is wrong.
    """
    wrong = 0
    for line in _lines(offline=offline):
        wrong += len(line.found or ())
        _show(line)
    if wrong:
        sys.exit(1)


def _lines(*, offline: bool) -> Iterator[_Line]:
    """Look at one thing after the other, and at no row of a database that cannot be read."""
    usable = True
    for one in SURROUNDINGS:
        left_out = (offline and one.runs) or (one.needs_database and not usable)
        line = _Line(one.name, one.says, None if left_out else _found(one.find(chosen())))
        usable &= not (line.found and one.bars_reading)
        yield line
    for check in CHECKS:
        yield _Line(check.name, check.says, _found(_rows(check)) if usable else None)


def _rows(check: Check) -> Iterator[str]:
    # Each check has one snapshot, and a slow one keeps no other waiting.
    with reading() as connection:
        yield from check.find(connection)


def _found(sentences: Iterable[str]) -> list[str]:
    try:
        return list(sentences)
    except Unavailable as error:
        return [f"The database failed meanwhile: {error}"]


def _show(line: _Line) -> None:
    if line.found is None:
        click.echo(f"{line.name}: not looked at")
        return
    click.echo(f"{line.name}: {_number(len(line.found)) if line.found else f'ok ({line.says})'}")
    for sentence in line.found[:SHOWN]:
        click.echo(f"    {sentence}")
    if len(line.found) > SHOWN:
        click.echo(f"    … and {len(line.found) - SHOWN} more.")


def _number(wrong: int) -> str:
    return "one problem" if wrong == 1 else f"{wrong} problems"
