"""Rules of addresses, compiled once for all applications of a test run.

For each rule werkzeug writes two functions that build its addresses. With more than a hundred rules that is half of
what making an application costs, and nearly every test makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


@contextmanager
def rules_compiled_once() -> Iterator[None]:
    """Let equal rules share their functions, which know nothing of the application."""
    compile_builder = Rule._compile_builder
    compiled: dict[tuple[object, ...], Build] = {}

    def once(rule: Any, append_unknown: bool = True) -> Build:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield
