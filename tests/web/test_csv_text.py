"""CSV: what is written is what is read, and no spreadsheet takes it for a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from web.csv_text import columns_of, harmless, heading, lines


class _Row(Schema):
    text = fields.String()
    number = fields.Integer()
    within = fields.Nested(Schema.from_dict({"text": fields.String()}), allow_none=True)
    listed = fields.List(fields.String())


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.fixed_dictionaries({"text": texts, "number": st.integers(-9, 9), "listed": st.lists(texts)}))
def test_whatever_is_written_is_read_again_and_begins_no_formula(row: dict[str, Any]) -> None:
    columns = columns_of(_Row())
    row |= {"within": {"text": row["text"]} if row["number"] % 2 else None}

    (read,) = csv.DictReader(io.StringIO(heading(columns) + lines(columns, [row]), newline=""))

    assert read["text"] in (row["text"], f"'{row['text']}")
    assert read["within.text"] == (read["text"] if row["within"] else "")
    assert int(read["number"]) == row["number"]
    for name in ("text", "listed"):
        assert not read[name].lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "＝"])
def test_every_beginning_of_a_formula_is_made_text(begin: str) -> None:
    assert harmless(f"{begin}cmd|' /C calc'!A0") == f"'{begin}cmd|' /C calc'!A0"
    assert harmless(f"a{begin}") == f"a{begin}"
