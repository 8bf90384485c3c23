"""What teachers enter about a gig: a new field has to be known everywhere."""

from __future__ import annotations

from dataclasses import MISSING, fields

import pytest
from marshmallow import Schema

from gigs.models import GigDraft
from gigs.schemas import EditGigSchema, GigSchema, NewGigSchema
from tests.gigs.bodies import WHOLE

NAMES = {field.name for field in fields(GigDraft)}


def test_the_tests_enter_every_field() -> None:
    assert WHOLE.keys() == NAMES


@pytest.mark.parametrize("schema", [NewGigSchema(), EditGigSchema()])
def test_the_api_takes_every_field(schema: Schema) -> None:
    assert schema.fields.keys() == NAMES


def test_the_api_shows_every_field() -> None:
    assert GigSchema().fields.keys() >= NAMES


def test_a_change_takes_no_field_for_granted() -> None:
    assert EditGigSchema().load({}).values == {}


def test_what_may_be_left_out_is_the_same_for_programs_and_in_the_code() -> None:
    by_schema = {name: field.load_default for name, field in NewGigSchema().fields.items() if not field.required}

    in_the_code = {field.name: field.default for field in fields(GigDraft) if field.default is not MISSING}

    assert by_schema == in_the_code
