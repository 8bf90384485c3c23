"""Find the payments that a line of a bank's file is about: by reference and amount."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from payments.bank.models import Entry, Match, Outcome, Reported
from payments.models import PaymentStatus
from payments.packages.models import PackageStatus

# Whether it is a package, and its id.
Key = tuple[bool, int]

# Banks break a text where they like, leave hyphens out and write more around it. So a reference is looked for in up to
# so many words in a row, put together.
MOST_WORDS = 24
# A shorter one is found by chance in any text, so it has to stand alone.
SHORTEST = 4
# What still waits for money, and what has had it.
_WAITING = (PaymentStatus.SUBMITTED, PackageStatus.ORDERED)
_DONE = (PaymentStatus.VERIFIED, PackageStatus.PAID, PackageStatus.CLOSED)
_WORD = re.compile(r"[^\W_]+")


def outcomes(entries: Iterable[Entry], payments: Iterable[Reported]) -> list[Outcome]:
    """Say of each line what it has to do with payments and packages.

    Each of them is matched once in a file.
    """
    by_reference: dict[str, list[Reported]] = defaultdict(list)
    for payment in payments:
        if key := "".join(_words(payment.reference)):
            by_reference[key].append(payment)
    found, used = [], set[Key]()
    for entry in entries:
        outcome = _outcome(entry, by_reference, used)
        if outcome.match == Match.MATCHED:
            used.update(map(_key, outcome.named))
        found.append(outcome)
    return found


def _outcome(entry: Entry, by_reference: dict[str, list[Reported]], used: set[Key]) -> Outcome:
    if entry.problem:
        return Outcome(entry, Match.INVALID, entry.problem)
    if entry.amount_cents <= 0:
        return Outcome(entry, Match.UNKNOWN, "Nothing came in by this line.")
    named = _named(entry.cells, by_reference)
    if not named:
        return Outcome(entry, Match.UNKNOWN, "It names no payment that was reported, and no package.")
    named = [payment for payment in named if entry.currency in (None, payment.currency)]
    exact = [payment for payment in named if payment.amount_cents == entry.amount_cents]
    waiting = [payment for payment in exact if _waits(payment) and _key(payment) not in used]
    if len(waiting) == 1:
        return Outcome(entry, Match.MATCHED, named=waiting)
    if waiting:
        return Outcome(entry, Match.AMBIGUOUS, "It could be one of several payments.", waiting)
    if done := [it for it in exact if _key(it) in used or it.status in _DONE]:
        return Outcome(entry, Match.ALREADY, "It was marked as received before.", done)
    together = [payment for payment in named if _waits(payment) and _key(payment) not in used]
    if len(together) > 1 and sum(payment.amount_cents for payment in together) == entry.amount_cents:
        return Outcome(entry, Match.MATCHED, "One transfer for several payments.", together)
    if exact:
        return Outcome(entry, Match.UNKNOWN, "This was marked as not received, or cancelled.", exact)
    return Outcome(entry, Match.UNKNOWN, "What it names is of another amount.", named)


def _named(cells: Sequence[str], by_reference: dict[str, list[Reported]]) -> list[Reported]:
    """Return the payments whose reference stands in these cells.

    Of two references that overlap the longer one counts.
    """
    alone = {"".join(_words(cell)) for cell in cells}
    words = [word for cell in cells for word in _words(cell)]
    spans: list[tuple[int, int, str]] = []
    for begin in range(len(words)):
        key = ""
        for end in range(begin, min(begin + MOST_WORDS, len(words))):
            key += words[end]
            if key in by_reference and (len(key) >= SHORTEST or key in alone):
                spans.append((begin, end, key))
    longest = [it for it in spans if not any(_is_within(it, other) for other in spans)]
    return [payment for key in dict.fromkeys(key for _, _, key in longest) for payment in by_reference[key]]


def _is_within(span: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _waits(payment: Reported) -> bool:
    return payment.status in _WAITING


def _key(payment: Reported) -> Key:
    return payment.is_package, payment.id
