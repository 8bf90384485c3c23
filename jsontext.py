"""JSON as the API speaks it: UTF-8 bytes, instants in UTC with `Z` and whole seconds."""

from __future__ import annotations

from typing import Any

import orjson

# An object as reads return it and answers have it; it is encoded as it is.
JsonObject = dict[str, Any]

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_OMIT_MICROSECONDS


def dumps(value: Any) -> bytes:
    """Encode `value`.

    Dataclasses become objects and datetimes RFC 3339 strings.

    Raises TypeError for anything that JSON cannot express.
    """
    return orjson.dumps(value, option=_OPTIONS)


def dumps_to_keep(value: Any) -> bytes:
    """Encode `value` for keeping it.

    orjson leaves an object up to ten times as much memory as it needs; a copy takes no more than it has bytes.
    """
    return bytes(memoryview(dumps(value)))


def loads(text: bytes | str) -> Any:
    """Decode JSON text strictly: no NaN, no lone surrogates, at most 1,024 levels deep.

    Raises ValueError if the text is malformed.
    """
    return orjson.loads(text)
