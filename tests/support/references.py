"""Find names in backquotes, in docstrings, comments and pages, that stand for nothing in the code."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

# A name of Python's, perhaps with its module or class before it and with parentheses behind it; or a file's path.
_NAME = re.compile(r"[A-Za-z_][\w.]*(\(\))?")
_PATH = re.compile(r"[\w.-]+(/[\w.-]+)*\.(py|md|txt|toml|html|js|css|lua)")
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"`([^`\n]+)`")


def prose_and_words(source: str) -> tuple[str, set[str]]:
    """Part a Python source into what is said, and the words that the code itself has."""
    prose: list[str] = []
    words: set[str] = set()
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        says = token.type == tokenize.STRING and before in (tokenize.NEWLINE, tokenize.INDENT, tokenize.NL)
        if token.type == tokenize.COMMENT or (says and token.string.startswith(('"""', 'r"""'))):
            prose.append(token.string)
        else:
            words.update(_WORD.findall(token.string))
        if token.type != tokenize.COMMENT:
            before = token.type
    return "\n".join(prose), words


def stale(prose: str, known: set[str], folders: Iterable[Path]) -> Iterator[str]:
    """Name what stands in backquotes in a text, looks like one of our names, and is neither known nor a file."""
    for quoted in _QUOTED.findall(prose):
        is_path = _PATH.fullmatch(quoted)
        if is_path and any((folder / quoted).exists() for folder in folders):
            continue
        names_nothing = _NAME.fullmatch(quoted) and not known.issuperset(_WORD.findall(quoted))
        if names_nothing or (is_path and "/" in quoted):
            yield quoted
