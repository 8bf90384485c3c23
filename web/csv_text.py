"""Write rows of JSON as CSV, as RFC 4180 and spreadsheets have it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from jsontext import dumps

MEDIA_TYPE = "text/csv"
# By this mark spreadsheets know that a file is UTF-8. Programs would take it for a part of the first heading.
BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, also after white space that it drops.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# The member of an answer that is its list.
ROWS = "data"

# Where in a row a value stands: the names on the way to it.
Column = tuple[str, ...]


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe says that it is text."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def table_in(schema: Schema | None) -> Schema | None:
    """Return the schema of the rows that an answer has: its list of objects, or itself if it says so.

    What has a file of its own for spreadsheets has none here.
    """
    if getattr(schema, "OWN_FILE", False):
        return None
    listed = schema.fields.get(ROWS) if schema else None
    if isinstance(listed, fields.List) and isinstance(listed.inner, fields.Nested):
        within: Schema = listed.inner.schema
        return within
    return schema if getattr(schema, "ONE_ROW", False) else None


def columns_of(schema: Schema) -> list[Column]:
    """List the columns of rows that are as `schema` says.

    An object within a row is spread over several, such as `student.id` and `student.name`.
    """
    columns: list[Column] = []
    for name, field in schema.fields.items():
        within = _object_in(field)
        below = columns_of(within) if within else [()]
        columns += [(field.data_key or name, *rest) for rest in below]
    return columns


def heading(columns: Iterable[Column]) -> str:
    """Write the line with the names of the columns."""
    return _lines([[".".join(column) for column in columns]])


def lines(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write a line for each row."""
    return _lines([_cell(_at(row, column)) for column in columns] for row in rows)


def _object_in(field: fields.Field[Any]) -> Schema | None:
    """Return the schema of a field that is one object, which may also be null."""
    return field.schema if isinstance(field, fields.Nested) and not field.many else None


def _at(row: Mapping[str, Any], column: Column) -> Any:
    value: Any = row
    for name in column:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any) -> str | int | float:
    """Write a value.

    A number stays as it is, null is nothing, a list of words has semicolons, anything else is JSON.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return harmless("; ".join(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return dumps(value).decode()


def _lines(rows: Iterable[Sequence[str | int | float]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
