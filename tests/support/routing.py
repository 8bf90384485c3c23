"""Tables of addresses, compiled once for all applications of a test run.

An application has more than three hundred rules. To compile them is most of what making it costs, and nearly every
test makes one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.routing import Map, Rule, RuleFactory


@dataclass
class Table:
    """What a map makes of its rules, which knows nothing of the application."""

    rules: list[dict[str, Any]]
    converters: dict[str, Any]
    compiled: dict[str, Any]


@contextmanager
def rules_compiled_once() -> Iterator[None]:
    """Let maps with equal rules share what is compiled, when they are first asked for an address."""
    tables: list[Table] = []
    add, update = Map.add, Map.update

    def note(addresses: Any, factory: RuleFactory) -> None:
        vars(addresses).setdefault("noted", []).extend(factory.get_rules(addresses))
        addresses._remap = True

    def share(addresses: Any) -> None:
        if addresses._remap:
            with addresses._remap_lock:
                vars(addresses).update(compiled(addresses, vars(addresses).get("noted", [])))

    def compiled(addresses: Map, noted: list[Rule]) -> dict[str, Any]:
        rules = [vars(rule) for rule in noted]
        for table in tables:
            if (table.rules, table.converters) == (rules, addresses.converters):
                return table.compiled
        own = Map(converters=addresses.converters)
        for rule in noted:
            add(own, _unbound_copy(rule))
        update(own)
        made = {name: vars(own)[name] for name in ("_matcher", "_rules_by_endpoint", "_remap")}
        tables.append(Table(rules, addresses.converters, made))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Map, "add", note)
        patch.setattr(Map, "update", share)
        yield


def _unbound_copy(rule: Rule) -> Rule:
    """Copy a rule with what Flask has noted on it, which `Rule.empty` leaves out."""
    copied = copy.copy(rule)
    copied.arguments = set(rule.arguments)
    return copied
