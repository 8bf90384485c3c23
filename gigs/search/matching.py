"""Find the gigs that have the words of a search, and say how well they fit.

Which gigs have them, the index of each database says. How well they fit is the same sum on both: for each word the most
important place in which it stands. A whole number, which depends on nothing but the gig and the question, so that a
cursor can hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Select,
    UnaryExpression,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse

from accounts.models import User
from gigs.models import Gig
from gigs.search.models import GigDocument, ListedGig

# What a word counts that stands in a place as a whole, and as the beginning of another one.
PLACES = ((ListedGig.title, 100, 80), (GigDocument.named, 60, 45), (GigDocument.summary, 30, 20))
# What it counts in the description.
ELSEWHERE = 10
# What a title counts more in which all words follow each other as they were typed.
TOGETHER = 40
# And one that consists of nothing else.
NOTHING_ELSE = 30

# What a wished word counts, of what a required one does.
WISHED = 4

_WORDS = table("gig_words", column("rowid"), column("gig_words"))
_TITLES = table("gig_titles", column("rowid"), column("gig_titles"))
# As the index says it.
_TITLE_WORDS = func.array_to_tsvector(
    func.array_remove(func.string_to_array(func.btrim(ListedGig.title), literal_column("' '")), literal_column("''"))
)
Condition = ColumnElement[bool] | InstrumentedAttribute[bool]
# What indexes begin with and conditions of every search, or of one for a subject, are about.
_LISTED = ListedGig.__table__.c
_INDEXED = (
    *(Gig.__table__.c.status, Gig.__table__.c.category_key, User.__table__.c.role),
    *(_LISTED.category_key, _LISTED.price),
)
_PLACE_OF = {"sqlite": func.instr, "postgresql": func.strpos}


@dataclass(frozen=True, slots=True)
class Term:
    """A typed word, and what is looked for: any of the `whole` words, or a beginning."""

    typed: str
    whole: tuple[str, ...]
    beginning: str | None

    def finds(self, words: Iterable[str]) -> bool:
        """Tell whether one of these words is looked for."""
        return any(word in self.whole or (self.beginning and word.startswith(self.beginning)) for word in words)


def matches(terms: Sequence[Term], dialect: str) -> Select[int]:
    """Select the gigs whose documents have all these terms."""
    if dialect == "postgresql":
        return select(GigDocument.gig_id).where(GigDocument.words.op("@@")(_tsquery(terms)))
    return select(_WORDS.c.rowid).where(_WORDS.c.gig_words.op("MATCH")(_fts_query(terms)))


def in_document(terms: Sequence[Term], dialect: str) -> ColumnElement[bool]:
    """Return the condition that the joined document of a gig has all these terms."""
    if dialect == "postgresql":
        return GigDocument.words.op("@@")(_tsquery(terms))
    return ListedGig.gig_id.in_(matches(terms, dialect))


def in_title(terms: Sequence[Term], dialect: str) -> ColumnElement[bool]:
    """Return the condition that the title of a gig has all of them."""
    if dialect == "postgresql":
        return _TITLE_WORDS.op("@@")(_tsquery(terms))
    return ListedGig.gig_id.in_(select(_TITLES.c.rowid).where(_TITLES.c.gig_titles.op("MATCH")(_fts_query(terms))))


def best_elsewhere(required: Sequence[Term], wished: Sequence[Term]) -> int:
    """Return the highest score of a gig whose title lacks a word."""
    in_titles, elsewhere = PLACES[0][1], PLACES[1][1]
    return in_titles * (len(required) - 1) + elsewhere + in_titles // WISHED * len(wished)


def has_word(word: ColumnElement[str] | InstrumentedAttribute[str], dialect: str) -> Select[int]:
    """Select the gigs whose documents have a word, which another table names."""
    # Words have letters, digits, + and # alone, so that none of them can end its quotation.
    if dialect == "postgresql":
        named = cast(literal("'").concat(word).concat("'"), TSQUERY)
        return select(GigDocument.gig_id).where(GigDocument.words.op("@@")(named)).correlate_except(GigDocument)
    asked = literal('"').concat(word).concat('"')
    return select(_WORDS.c.rowid).where(_WORDS.c.gig_words.op("MATCH")(asked)).correlate_except(_WORDS)


def led_by_words(
    found: Select[int], others: Iterable[Condition], dialect: str, *, of: InstrumentedAttribute[int] = Gig.id
) -> list[Condition]:
    """Return the condition that a gig has the words, before the others.

    SQLite cannot know how few gigs have a word. It would walk through all that are published, or of a subject, and
    look into the document of each: a hundred times as long. A sign before a column keeps it from its indexes.
    """
    return [of.in_(found), *off_indexes(others, dialect)]


def off_indexes(conditions: Iterable[Condition], dialect: str) -> list[Condition]:
    """Return these conditions so that SQLite takes none of the indexes that they offer."""
    if dialect != "sqlite":
        return [*conditions]
    return [replacement_traverse(and_(true(), condition), {}, _off_its_index) for condition in conditions]


def score(
    required: Sequence[Term], wished: Sequence[Term], in_order: str, dialect: str, *, in_titles: bool = False
) -> ColumnElement[Any]:
    """Return how well a document fits that has all required terms.

    Where the title has all of them and nothing is wished, the title alone decides (`in_titles`).
    """
    place_of = _PLACE_OF[dialect]
    places = PLACES[:1] if in_titles else PLACES
    is_open = any(term.beginning and in_order.endswith(term.typed) for term in (*required, *wished))

    def has(place: Any, text: str) -> ColumnElement[bool]:
        return place_of(place, text) > 0

    def counts(term: Term, share: int, elsewhere: int) -> ColumnElement[Any]:
        ways = []
        for place, whole, beginning in places:
            ways.append((or_(*(has(place, f" {word} ") for word in term.whole)), whole // share))
            if term.beginning:
                ways.append((has(place, f" {term.beginning}"), beginning // share))
        return case(*ways, else_=elsewhere)

    points = [counts(term, 1, ELSEWHERE) for term in required] + [counts(term, WISHED, 0) for term in wished]
    points.append(case((has(ListedGig.title, f" {in_order}" if is_open else f" {in_order} "), TOGETHER), else_=0))
    points.append(case((place_of(ListedGig.title, f" {in_order} |") == 1, NOTHING_ELSE), else_=0))
    return cast(sum(points[1:], points[0]), BigInteger)


def _off_its_index(element: ExternallyTraversible, **_: Any) -> ColumnElement[Any] | None:
    if isinstance(element, ColumnClause) and any(element.shares_lineage(indexed) for indexed in _INDEXED):
        return UnaryExpression(element, operator=custom_op("+"), type_=element.type)
    return None


def _tsquery(terms: Sequence[Term]) -> ColumnElement[Any]:
    return cast(literal(" & ".join(_any_of(term, "'{}'", "'{}':*", " | ") for term in terms)), TSQUERY)


def _fts_query(terms: Sequence[Term]) -> str:
    return " AND ".join(_any_of(term, '"{}"', '"{}"*', " OR ") for term in terms)


def _any_of(term: Term, whole: str, beginning: str, joiner: str) -> str:
    # Words have letters, digits, + and # alone, so that none of them can end its quotation.
    ways = [whole.format(word) for word in term.whole if not (term.beginning and word.startswith(term.beginning))]
    if term.beginning:
        ways.append(beginning.format(term.beginning))
    return f"({joiner.join(ways)})"
