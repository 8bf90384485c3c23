"""The pages on which administrators manage webhooks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]

ADDRESS = "https://8.8.8.8/in"


@pytest.fixture
def office(visit: Visit, world: World) -> Visitor:
    """An administrator's browser on the page of a new webhook."""
    return visit(world.admin()).open("/webhooks/new").send(url=ADDRESS, description="The hall")


def secret_on(visitor: Visitor) -> str | None:
    html = visitor.answer.text
    return html.partition('value="whsec_')[2].partition('"')[0] or None


def test_a_secret_is_shown_right_after_it_was_made_and_not_again(visit: Visit, world: World) -> None:
    visitor = visit(world.admin()).open("/webhooks").open("/webhooks/new")

    visitor.send(url=ADDRESS, description="The hall")
    first = secret_on(visitor)
    reloaded = secret_on(visitor.open(visitor.path))
    second = secret_on(visitor.send(f"{visitor.path}/secret"))

    assert first
    assert second not in (None, first)
    assert (reloaded, secret_on(visitor.open(visitor.path))) == (None, None)
    assert "The hall" in visitor.open("/webhooks").text


def test_an_address_that_is_refused_stays_in_the_form_with_the_reason(visit: Visit, world: World) -> None:
    visitor = visit(world.admin()).open("/webhooks/new")

    visitor.send(url="https://10.0.0.1/in", description="Inside")

    assert visitor.status == 422
    assert "not public" in visitor.text
    assert visitor.form().values["url"] == "https://10.0.0.1/in"
    assert world.admin().get("/api/webhooks").json["data"] == []


def test_a_webhook_is_changed_paused_tested_and_deleted(office: Visitor, world: World) -> None:
    path, admin = office.path, world.admin()

    office.open(f"{path}/edit").send(url="https://9.9.9.9/", description="The door")
    office.send(f"{path}/switch")
    paused = office.text
    office.send(f"{path}/switch").send(f"{path}/test")
    listed = office.text
    (webhook,) = admin.get("/api/webhooks").json["data"]
    office.send(f"{path}/delete")

    assert ("Paused" in paused, "A test." in listed) == (True, True)
    assert (webhook["url"], webhook["description"], webhook["active"]) == ("https://9.9.9.9/", "The door", True)
    assert "No webhooks yet" in office.text


def test_a_message_is_sent_again_from_the_page(office: Visitor, world: World) -> None:
    path, admin = office.path, world.admin()
    office.send(f"{path}/test")
    (delivery,) = admin.get(f"/api{path}/deliveries").json["data"]

    office.send(f"/webhooks/deliveries/{delivery['id']}/replay")

    assert "sent again" in office.text
    assert office.open(f"{path}?status=failed").text.count("A test.") == 0
    assert office.open(f"{path}?status=waiting").text.count("A test.") == 1
