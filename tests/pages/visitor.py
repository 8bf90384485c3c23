"""Somebody with a browser, without JavaScript: loads a page, fills in one of its forms, sends it, follows redirects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, Self

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.world import PASSWORD, Person

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Form:
    """A form of a page: where it goes, and what it would send if nothing were changed."""

    def __init__(self, action: str, method: str) -> None:
        self.action = action
        self.method = method.upper()
        self.values: dict[str, str] = {}


class _Page(HTMLParser):
    """Collects a page's forms and its visible text."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._inside.append(tag)
        if tag == "form":
            self._form = Form(given.get("action") or self.path, given.get("method", "get"))
            self.forms.append(self._form)
        elif tag in ("input", "textarea", "select", "option") and self._form:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form
        values, name = self._form.values, given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option":
            if "selected" in given or self._select not in values:
                values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._select = name
            values[name] = ""
        elif given.get("type") not in ("radio", "checkbox") or "checked" in given:
            values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside == "textarea" and self._form:
            # A line's end right after the tag does not belong to the text.
            self._form.values[self._select] = re.sub(r"\A\r?\n", "", data)
        elif inside not in ("script", "style"):
            self.texts.append(data)


class Visitor:
    """One browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.answer: TestResponse
        self.path = "/"

    def open(self, path: str) -> Self:
        """Load a page; redirects are followed."""
        return self._follow(self.client.get(path), path)

    def send(self, action: str | None = None, *, having: dict[str, Any] | None = None, **values: Any) -> Self:
        """Fill in and send the page's form that goes to `action` (by default the page's own address)."""
        form = self.form(action, having or {})
        data = form.values | {name: str(value) for name, value in values.items()}
        return self.post(form.action, data)

    def post(self, path: str, data: Mapping[str, str | list[str]]) -> Self:
        """Send a form, whatever the page has."""
        answer = self.client.post(path, data=data, headers={"Referer": f"http://localhost{self.path}"})
        return self._follow(answer, path)

    def form(self, action: str | None = None, having: dict[str, str] | None = None) -> Form:
        """Find a form on the page that is open."""
        wanted = action or self.path
        for form in self._page().forms:
            if form.action == wanted and form.method == "POST" and (having or {}).items() <= form.values.items():
                return form
        raise AssertionError(f"No form goes to {wanted} with {having} on {self.path}: {self.actions}")

    @property
    def actions(self) -> list[tuple[str, str]]:
        """What the page's forms do: where they go and which status they ask for."""
        return [(form.action, form.values.get("status", "")) for form in self._page().forms if form.method == "POST"]

    @property
    def text(self) -> str:
        """What the page says, in one line."""
        return " ".join(" ".join(self._page().texts).split())

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.answer.status_code

    def sign_in(self, person: Person, password: str = PASSWORD) -> Self:
        """Sign in through the form."""
        return self.open("/sign-in").send(email=person.email, password=password)

    def _page(self) -> _Page:
        page = _Page(self.path)
        page.feed(self.answer.text)
        return page

    def _follow(self, answer: TestResponse, path: str) -> Self:
        self.path = path
        while answer.status_code in (301, 302, 303, 307, 308):
            self.path = answer.headers["Location"]
            answer = self.client.get(self.path)
        self.answer = answer
        return self
