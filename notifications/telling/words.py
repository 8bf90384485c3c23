"""Put a story into words: the blocks of its template, in its reader's time zone."""

from __future__ import annotations

from jsontext import JsonObject
from mail.letters import Recipient
from mail.wording import blocks

FOLDER = "notifications"


def template_of(name: str) -> str:
    """Name a template as letters do."""
    return f"{FOLDER}/{name}"


def said(template: str, to: Recipient, facts: JsonObject, *names: str) -> list[str]:
    """Return what these blocks of a template say to a reader, each as one line."""
    return [" ".join(text.split()) for text in blocks(template_of(template), to, facts, *names)]
