"""How words are compared."""

from __future__ import annotations

import pytest

from accounts.names import fold
from gigs.search.text import KEY_LENGTH, key_of, search_words, without_repeats


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maths", "maths"),
        ("Ελληνικά", "ΕΛΛΗΝΙΚΆ"),
        ("Straße", "STRASSE"),
        ("Français", "franc\u0327ais"),
        ("Ｐｉａｎｏ", "piano"),
        ("Modern  Greek", "modern greek"),
    ],
)
def test_what_means_the_same_is_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_key_fits_its_column_even_if_folding_makes_it_longer() -> None:
    assert len(key_of("\ufdfa" * 60)) == KEY_LENGTH


def test_the_order_and_number_of_searched_words_do_not_matter() -> None:
    assert search_words("Piano  beginners piano") == search_words("beginners PIANO")


def test_of_repeated_skills_the_first_stays_in_its_place() -> None:
    assert without_repeats(["Piano", "Chess", "PIANO", "chess", "Go"]) == ["Piano", "Chess", "Go"]
