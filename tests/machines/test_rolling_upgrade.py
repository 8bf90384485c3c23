"""The servers of a school are replaced by those of the next release, one after the other, and nobody notices.

They begin with the previous release, where the repository's history is there, else with the present code. The next
release is the present code with one migration more, in a folder in which nothing may be written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from config import ROOT
from revisions import known
from support.unavailable import Unavailable
from tests.machines.kills import lost_changes, missing_mails
from tests.machines.load import Load
from tests.machines.school import School
from tests.previous_release import release
from tests.support.left_out import leave_out
from tests.support.sentinel import Sentinels

PAIRS = 2
NEXT = f"{int(known()[-1]) + 1:04}"
MIGRATION = f'''"""A column and an index of the next release."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{known()[-1]}"


def upgrade() -> None:
    op.add_column("bookings", sa.Column("of_the_next_release", sa.Text()))
    op.create_index("ix_of_the_next_release", "bookings", ["of_the_next_release"])
'''
NOT_OF_THE_PRODUCT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "instance", "tests", "benchmarks", "docs")


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the code that the servers begin with."""
    if not release.is_in_history(release.commit()):
        return ROOT
    folder = tmp_path_factory.mktemp("previous") / "code"
    release.unpack(release.commit(), folder)
    return folder


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the code that they go on with."""
    folder = tmp_path_factory.mktemp("following") / "code"
    shutil.copytree(ROOT, folder, ignore=NOT_OF_THE_PRODUCT)
    (folder / "migrations" / "versions" / f"{NEXT}_of_the_next_release.py").write_text(MIGRATION)
    return folder


@pytest.fixture(scope="module")
def school(previous: Path) -> Iterator[School]:
    """A school of the previous release."""
    with ExitStack() as running:
        try:
            cache = running.enter_context(Sentinels())
            # The Celery of the first release that is recorded takes the name of the exchange for events.
            started = running.enter_context(School(cache, code=previous, events=False))
        except Unavailable as reason:
            leave_out(reason)
        yield started


def test_a_rolling_upgrade_with_a_migration_fails_no_request(school: School, following: Path) -> None:
    before = files_of(following)
    with Load(school.proxy.url, PAIRS, school.token_for) as load:
        load.goes_on(3)
        for machine in school.machines:
            machine.stop()
            machine.start(following)
            # The first one has migrated; the other one goes on with the code of before on the new tables.
            load.goes_on(5)
        for program in (school.runner, school.worker):
            program.stop()
            program.start(following)
        load.goes_on(3)

    failed = [failure.what for failure in load.tally.failures]
    assert failed == [], "\n".join(machine.errors() for machine in school.machines)
    assert (load.tally.stale, load.tally.wrong) == ([], [])
    assert lost_changes(school, load) + missing_mails(school, load) == []
    assert revision_of(school) == NEXT
    assert files_of(following) == before, "a server writes to its instance folder alone"


def revision_of(school: School) -> str:
    with create_engine(school.address, poolclass=NullPool).connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def files_of(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
