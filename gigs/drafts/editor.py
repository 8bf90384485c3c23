"""The editor's forms, with what was typed before and what another page has saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from gigs.drafts.texts import control_texts, differences
from gigs.forms import EditorForm, GigForm
from jsontext import JsonObject

# Beside a control's name, in what the page with both versions sends: which one was chosen, and the other one's text.
CHOSEN, OTHER = "choose-", "other-"


@dataclass(frozen=True, slots=True)
class Difference:
    """One control of which there are two versions: that of this page, and the other one."""

    name: str
    label: str
    mine: str
    other: str
    # Both as people read them.
    mine_shown: str
    other_shown: str


def put_back(form: GigForm, fields: Mapping[str, Any], *, version: int) -> None:
    """Fill a form with what was typed, over what it shows already."""
    form.process(MultiDict(_texts(form) | control_texts(fields) | {"typed_version": str(version)}))


def take_choices(form: GigForm) -> None:
    """Fill a form that was sent from the page with both versions with those that were chosen."""
    sent = request.form
    chosen = [field.name for field in form if sent.get(CHOSEN + field.name) == "other" and OTHER + field.name in sent]
    if chosen:
        form.process(MultiDict(sent.to_dict() | {name: sent[OTHER + name] for name in chosen}))


def compare(form: EditorForm, current: JsonObject) -> list[Difference]:
    """Compare what stands in a form with what is stored, and base the form on that.

    A form that is sent now takes the place of what was compared.
    """
    mine, other = _texts(form), control_texts(current["fields"])
    form.typed_version.data = str(current["version"])
    form.based_on.data = current["based_on"]
    form.typed_version.raw_data = form.based_on.raw_data = None
    return [_difference(form, name, mine[name], other[name]) for name in differences(mine, other)]


def _texts(form: GigForm) -> dict[str, str]:
    """Return what stands in a form's controls now."""
    texts = {field.name: field._value() for field in form if hasattr(field, "_value") and field.name != "csrf_token"}
    choices = {field.name: "" if field.data is None else str(field.data) for field in form if field.name not in texts}
    return texts | {name: text for name, text in choices.items() if name != "csrf_token"}


def _difference(form: EditorForm, name: str, mine: str, other: str) -> Difference:
    field = form[name]
    words = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}
    shown = [str(words.get(text, text)) for text in (mine, other)]
    return Difference(name, field.label.text, mine, other, *shown)
