"""What stands in the controls of a gig's editor, for what a gig has and for what was typed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from gigs.drafts.models import TYPED

# The controls that have other names than the fields.
CONTROLS = {"price_cents": "price"}


def control_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each control, by the control's name.

    What was typed is a text already, and need not make sense.
    """
    return {CONTROLS.get(name, name): _text(name, fields[name]) for name in TYPED if name in fields}


def differences(mine: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """List the controls whose texts are not the same."""
    return [name for name, text in theirs.items() if name in mine and _bare(mine[name]) != _bare(text)]


def fingerprint(fields: Mapping[str, Any]) -> str:
    """Return a short text that is another one when another text stands in a control."""
    texts = "\0".join(f"{name}={_bare(text)}" for name, text in control_texts(fields).items())
    return hashlib.sha256(texts.encode()).hexdigest()[:32]


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "price_cents" and type(value) is int:
        return f"{value // 100}.{value % 100:02}"
    if name == "skills" and isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _bare(text: str) -> str:
    """Leave out what nobody sees: blanks around a text, and how its lines end."""
    return text.replace("\r\n", "\n").strip()
