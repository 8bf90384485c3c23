"""What HAProxy is told."""

import resource
from pathlib import Path

import pytest

from config import Settings
from server import front_config
from server.front_config import Refusal
from server.patience import Patience
from web.problems import known

SETTINGS = Settings(instance=Path("/"), database_url="", redis_url="", secret_key="")
REFUSALS = [value for value in vars(front_config).values() if isinstance(value, Refusal)]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.slug)
def test_its_answers_use_the_words_of_the_api_and_survive_its_quotes(refusal: Refusal) -> None:
    problem = known()[refusal.slug]
    assert (refusal.status, refusal.title) == (problem.status, problem.title)
    assert refusal.arguments().count("'") == refusal.page_arguments().count("'") == 2


def test_connections_are_bounded_by_the_files_that_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1024))
    text = front_config.text(3, [Path("/web.sock")], SETTINGS, Patience())
    assert "maxconn 412\n" in text
    assert "sc0_conn_cur gt 51 " in text
