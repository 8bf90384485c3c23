"""The self-audit: a second look at a sample of hits finds an old answer, and only that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from accounts.models import User
from caching.metrics import INCONSISTENCIES
from extensions import db
from tests.caching.conftest import Probe
from tests.support.world import World


@pytest.fixture
def audited(make_app: Callable[..., Flask], clock: Callable[[], object]) -> Probe:
    """A probe of which every hit is checked."""
    app = make_app(cache_audit_share=1.0)
    probe = Probe(app, World(app, clock).student().id)  # type: ignore[arg-type]
    probe.write("old")
    return probe


def found(probe: Probe) -> float:
    probe.store.auditor.join()
    return float(INCONSISTENCIES.labels("probe")._value.get())


def change_behind_its_back(probe: Probe) -> None:
    with probe.app.app_context(), db.engine.begin() as connection:
        connection.execute(update(User).where(User.id == probe.user_id).values(password_hash="new"))


def test_a_sound_hit_is_not_complained_about(audited: Probe) -> None:
    before = found(audited)

    audited.read()
    audited.read()

    assert found(audited) == before
    assert audited.loads == 2


@pytest.mark.leaves_old_answers
def test_an_old_answer_is_counted(audited: Probe) -> None:
    before = found(audited)
    audited.read()

    change_behind_its_back(audited)
    audited.read()

    assert found(audited) == before + 1
    assert audited.read() == "new", "what was found is not shown again"


def test_a_change_between_hit_and_second_look_is_no_inconsistency(audited: Probe) -> None:
    before = found(audited)
    audited.read()

    audited.after_select = lambda: audited.write("newer")
    change_behind_its_back(audited)
    audited.read()

    assert found(audited) == before


def test_by_default_the_tests_check_nothing(probe: Probe) -> None:
    probe.read()
    probe.read()

    assert probe.loads == 1
