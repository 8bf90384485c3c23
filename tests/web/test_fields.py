"""Values that are taken, and what is said about others."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError, fields

from web.fields import Currency, IdNumber, TimeZoneName, WholeNumber


def refusal(field: fields.Field[Any], value: object) -> list[str]:
    """What a field says about a value."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    return list(caught.value.messages)


@pytest.mark.parametrize("value", ["Europe/Berlinn", "europe/berlin", "", "localtime", "UTC+1", ["UTC"], 1])
def test_a_zone_that_does_not_exist_is_refused_in_one_short_sentence(value: object) -> None:
    assert refusal(TimeZoneName(), value) == ["Give an IANA time zone, such as Europe/Berlin."]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5"])
def test_zones_of_the_database_are_taken(zone: str) -> None:
    assert TimeZoneName().deserialize(zone) == zone


# No currency, no longer one, one that is only counted in, gold, and what ISO 4217 keeps for tests.
@pytest.mark.parametrize("code", ["XXQ", "DEM", "CHE", "XAU", "XTS", "eur", "EURO", "EUR\n", "", 978, None])
def test_what_is_no_money_of_today_is_refused_in_one_short_sentence(code: object) -> None:
    expected = "Field may not be null." if code is None else "Give the code of a currency in use, such as EUR."

    assert refusal(Currency(), code) == [expected]


@pytest.mark.parametrize("code", ["EUR", "USD", "GBP", "CHF", "JPY", "KES", "XOF", "TRY", "UAH", "VES"])
def test_money_of_today_is_taken(code: str) -> None:
    assert Currency().deserialize(code) == code


@pytest.mark.parametrize("number", [1, 1.0])
def test_a_whole_number_may_be_written_with_a_fraction_of_nothing(number: float) -> None:
    taken = IdNumber().deserialize(number)

    assert (taken, type(taken)) == (1, int)


@pytest.mark.parametrize("value", ["1", "1.0", 1.5, True, [1], {}, 1e300, float(2**63)])
def test_what_is_no_whole_number_or_out_of_range_is_refused(value: object) -> None:
    assert len(refusal(WholeNumber(at_least=1, at_most=2**63 - 1), value)) == 1
