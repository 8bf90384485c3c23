"""Take texts apart into words: what is written, and what is looked for.

The rules stand here and not in a database, so that SQLite and PostgreSQL find the same. Their migration
has a copy of them, and `flask gigs index` writes all documents anew after they have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from unicodedata import category, normalize

from accounts.names import fold

# Longer ones are cut: nobody types them, and an index should not keep them.
LONGEST_WORD = 40

# Letters that no normal form takes apart.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
# How people write these on a keyboard that has not got them.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# Marks that write no sound of their own: joiners, and the soft hyphen.
_UNSEEN = str.maketrans(dict.fromkeys("\u200c\u200d\u00ad"))
_SIGNS = "+#"
_WITH_SIGNS = re.compile(r"[a-z](\+\+|#)")
_BETWEEN_SIGNS = re.compile(r"[+#]+")
# Most texts have no other letters, and this takes a fifth of the time.
_ASCII_PIECE = re.compile(r"[a-z0-9+#]+")


def bare(text: str) -> str:
    """Fold a text, and take the accents off its letters."""
    folded = fold(text)
    if folded.isascii():
        return folded
    taken_apart = normalize("NFD", folded.translate(_PLAIN))
    return normalize("NFC", "".join(letter for letter in taken_apart if not "\u0300" <= letter <= "\u036f"))


def is_part(letter: str) -> bool:
    """Tell whether a character can be part of a word."""
    return letter.isalnum() or letter in _SIGNS or category(letter)[0] == "M"


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, without accents and capitals."""
    return [word[:LONGEST_WORD] for word in _split(bare(text.translate(_UNSEEN)))]


@lru_cache(maxsize=20_000)
def forms_of(word: str) -> tuple[str, ...]:
    """Return under what else a word is found: without the ending of an English plural."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return ()
    forms = [word[:-1]]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    elif word.endswith("es"):
        forms.append(word[:-2])
    return tuple(form for form in forms if len(form) > 2)


def other_forms(text: str) -> list[str]:
    """Return under what else the words of a text are found, each once."""
    words = words_of(text)
    spelt_out = () if text.isascii() else words_of(normalize("NFC", fold(text)).translate(_SPELT_OUT))
    more = [form for word in words for form in forms_of(word)]
    return sorted({*more, *spelt_out} - {*words})


def in_order(text: str) -> str:
    """Write words so that each can be found between two blanks.

    They come in their order, and what else they are found as comes behind a stroke.
    """
    return f" {' '.join((*words_of(text), '|', *other_forms(text)))} "


@lru_cache(maxsize=20_000)
def found_as(piece: str) -> frozenset[str]:
    """Return every word under which a piece of a text is found."""
    return frozenset((*words_of(piece), *other_forms(piece)))


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where in a text its words stand."""
    start = None
    for place, letter in enumerate(text):
        if is_part(letter):
            start = place if start is None else start
        elif start is not None:
            yield start, place
            start = None
    if start is not None:
        yield start, len(text)


def _pieces_of(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_PIECE.findall(text)
    return "".join(letter if is_part(letter) else " " for letter in text).split()


def _split(text: str) -> Iterable[str]:
    for piece in _pieces_of(text):
        if ("+" not in piece and "#" not in piece) or _WITH_SIGNS.fullmatch(piece):
            yield piece
        else:
            yield from filter(None, _BETWEEN_SIGNS.split(piece))
