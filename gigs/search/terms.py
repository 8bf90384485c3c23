"""Find out what typed words stand for.

That is themselves, what begins with them or, where no gig has them, what was meant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, or_, select, union_all

from gigs.search.filters import Asked
from gigs.search.matching import Term, has_word, matches
from gigs.search.models import ListedGig, SearchWord
from gigs.search.words import forms_of

# Shorter words are taken as they are typed.
SHORTEST_MISTYPED = 5
# So many words that resemble a typed one are looked at, at most.
MOST_LOOKED_AT = 5_000
# The last character that there is.
END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a search looks for.

    All of `required` have to be found, `wished` only count. `corrected` are the words that no gig has, with those that
    are looked for instead.
    """

    required: tuple[Term, ...] = ()
    wished: tuple[Term, ...] = ()
    corrected: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def shown(self) -> dict[str, list[str]]:
        """Return the corrected words as answers have them."""
        return {typed: list(words) for typed, words in self.corrected}


def terms_of(connection: Connection, asked: Asked) -> Terms:
    """Find out what the words stand for.

    It takes one statement, and none if all of them are short.
    """
    typed = {word: _typed(word, is_open=word == asked.open_end) for word in (*asked.words, *asked.optional)}
    wished = tuple(typed[word] for word in asked.optional)
    instead = _corrections(connection, [typed[word] for word in asked.words if len(word) >= SHORTEST_MISTYPED])
    required = tuple(Term(word, instead[word], None) if instead.get(word) else typed[word] for word in asked.words)
    return Terms(required, wished, tuple((word, others) for word, others in instead.items() if others))


def one_error_apart(one: str, other: str) -> bool:
    """Tell whether a letter too many, too few, a wrong one or two swapped ones make the difference."""
    begin = 0
    while begin < min(len(one), len(other)) and one[begin] == other[begin]:
        begin += 1
    one, other = one[begin:], other[begin:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) == 1 or (len(one) == 2 and one == other[::-1])


def _typed(word: str, *, is_open: bool) -> Term:
    return Term(word, (word, *forms_of(word)), word if is_open else None)


def _corrections(connection: Connection, terms: list[Term]) -> dict[str, tuple[str, ...]]:
    """Return what to look for instead of the words that no listed gig has."""
    if not terms:
        return {}
    dialect = connection.dialect.name
    looks = []
    for term in terms:
        is_known = and_(_is_remembered(term), _is_found(term, dialect))
        looks.append(select(literal("").label("typed"), literal(term.typed).label("word")).where(is_known))
        # First what stands near the typed word in the index, and only of that what public gigs have.
        near = select(SearchWord.word).where(_may_be(term.typed)).limit(MOST_LOOKED_AT).subquery()
        alike = select(near.c.word).where(_looks_like(near.c.word, term.typed)).limit(MOST_LOOKED_AT).subquery()
        listed = is_listed(has_word(alike.c.word, dialect))
        looks.append(select(literal(term.typed), alike.c.word).where(~is_known, listed))
    known_words, alike_words = set(), []
    for typed, word in connection.execute(union_all(*looks)):
        if not typed:
            known_words.add(word)
        elif one_error_apart(typed, word):
            alike_words.append((typed, word))
    unknown = [term.typed for term in terms if term.typed not in known_words]
    return {typed: tuple(sorted(word for other, word in alike_words if other == typed)) for typed in unknown}


def is_listed(found: Select[int]) -> ColumnElement[bool]:
    """Return the condition that one of these gigs is in the public list."""
    # A word of drafts alone is named to no one. Looked up one by one, so that the first gig is enough.
    (gig_id,) = found.selected_columns
    return found.where(select(literal(1)).where(ListedGig.gig_id == gig_id).exists()).exists()


def _is_found(term: Term, dialect: str) -> ColumnElement[bool]:
    """Return the condition that a public gig has a term, first as a whole word.

    The gigs of a word are found one by one, those of a beginning all at once.
    """
    whole = is_listed(matches([replace(term, beginning=None)], dialect))
    return or_(whole, is_listed(matches([term], dialect))) if term.beginning else whole


def _is_remembered(term: Term) -> ColumnElement[bool]:
    """Return the condition that some gig has had a term, which spares a look at all that have it now."""
    ways: list[ColumnElement[bool]] = [SearchWord.word.in_(term.whole)]
    if term.beginning:
        ways.append(and_(SearchWord.word >= term.beginning, SearchWord.word < term.beginning + END))
    return select(literal(1)).where(or_(*ways)).exists()


def _may_be(typed: str) -> ColumnElement[bool]:
    """Return a condition that holds for every word one error away.

    One error leaves the beginning or the end of a word as it was, with a letter or two between them.
    """
    same = (len(typed) - 1) // 2
    halves = ((SearchWord.word, typed[:same]), (SearchWord.backwards, typed[: -same - 1 : -1]))
    return or_(*(and_(column >= half, column < half + END) for column, half in halves))


def _looks_like(word: ColumnElement[str], typed: str) -> ColumnElement[bool]:
    """Return the condition that a word is one error away.

    With it few words are looked up among the gigs.
    """
    places = range(len(typed))
    swapped = [typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :] for at in places[:-1]]
    shorter = [typed[:at] + typed[at + 1 :] for at in places]
    # In words there is no underscore of their own, so it always stands for any one letter.
    other = [f"{typed[:at]}_{typed[at + 1 :]}" for at in places]
    longer = [f"{typed[:at]}_{typed[at:]}" for at in range(len(typed) + 1)]
    return or_(word.in_({*swapped, *shorter}), *(word.like(pattern) for pattern in (*other, *longer)))
