"""Make text and HTML of a mail from one template with its words.

A template is plain text in blocks: `subject`, `fact` (the first line: what happened), `text` (paragraphs), `details`
(lines such as "When: Friday"), `button` (what it says) and `small` (why the reader gets this mail). Only the first two
are needed. Both forms are made from the same words, so neither says less than the other.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from jinja2 import Environment, StrictUndefined, Template

from mail.letters import Letter, Recipient
from school.colours import day_and_night
from school.models import NAME
from web.filters import times_shown_in

_KEY = "lectern-mail-templates"
_WIDTH = 76
_BLOCKS = ("subject", "fact", "text", "details", "button", "small")


@dataclass(frozen=True, slots=True)
class Worded:
    """A mail in words."""

    subject: str
    text: str
    html: str


def put_into_words(
    letter: Letter, *, home: str, school: str = NAME, accent: str | None = None, logo: str | None = None
) -> Worded:
    """Write a letter, with times as the clocks of its reader show them.

    `home` is where the school is found, `school` what it is called, `accent` its colour and `logo` the
    Content-ID of its logo, if it chose one.
    """
    day, night = day_and_night(accent)
    templates = _templates()
    facts = {**letter.facts, "home": home, "school": school}
    said = dict(zip(_BLOCKS, blocks(letter.template, letter.to, facts, *_BLOCKS), strict=True))
    parts: dict[str, Any] = {
        **{name: " ".join(said[name].split()) for name in ("subject", "fact", "button", "small")},
        "paragraphs": [part.strip() for part in re.split(r"\n\s*\n", said["text"]) if part.strip()],
        "details": [_detail(line) for line in said["details"].splitlines() if line.strip()],
        "link": letter.link,
        "unsubscribe": letter.unsubscribe,
        "home": home,
        "school": school,
        "logo": logo,
        "day": day,
        "night": night,
        "wrapped": wrapped,
    }
    text = templates.get_template("mail/layout.txt").render(parts)
    return Worded(parts["subject"], f"{text.strip()}\n", templates.get_template("mail/layout.html").render(parts))


def blocks(template: str, to: Recipient, facts: Mapping[str, Any], *names: str) -> list[str]:
    """Return what these blocks of a mail's template say to a reader.

    A block that the template does not have says nothing.
    """
    words = _templates().get_template(f"mail/{template}.txt")
    with times_shown_in(to.time_zone):
        return [_block(words, name, {**facts, "reader": to}) for name in names]


def wrapped(paragraph: str) -> str:
    """Break the lines of a paragraph where a mail's lines end, and no word."""
    lines = (
        textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) for line in paragraph.splitlines()
    )
    return "\n".join("\n".join(line) for line in lines)


def _templates() -> Environment:
    """Return the application's templates, for which a missing fact is an error.

    Nothing in them knows a request, because there is none.
    """
    if _KEY not in current_app.extensions:
        strict = current_app.jinja_env.overlay(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        current_app.extensions[_KEY] = strict
    environment = current_app.extensions[_KEY]
    assert isinstance(environment, Environment)
    return environment


def _block(template: Template, name: str, facts: dict[str, Any]) -> str:
    if name not in template.blocks:
        return ""
    text = "".join(template.blocks[name](template.new_context(facts)))
    # Half a character, which Python may have in a text, cannot be sent.
    return text.encode("utf-8", "replace").decode().strip()


def _detail(line: str) -> tuple[str, str]:
    label, _, value = line.partition(":")
    return label.strip(), value.strip()
