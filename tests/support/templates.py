"""Templates compiled once for all applications of a test run.

An environment keeps what it has compiled to itself. Each application has a new one, and nearly every test makes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


class Compiled(BytecodeCache):
    """The code of templates, by name, source and how their environment treats white space.

    All else that code depends on is alike in our applications.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[object, ...], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[_key(bucket)] = bucket.code


@contextmanager
def templates_compiled_once() -> Iterator[None]:
    """Let the environments of all applications share the code of their templates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Compiled()})
        yield


def _key(bucket: Bucket) -> tuple[object, ...]:
    environment = bucket.environment
    return bucket.key, bucket.checksum, environment.trim_blocks, environment.lstrip_blocks
