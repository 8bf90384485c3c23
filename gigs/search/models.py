"""Tables of the search: what it looks into."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Computed, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from database import Id
from extensions import Base

# The order of code points, whatever language a PostgreSQL server sorts by: beginnings are ranges of it.
_Word = Text().with_variant(Text(collation="C"), "postgresql")


def _fact(fact: int, place: int) -> Computed:
    """Say that a column is made of the facts.

    How, the migration has to say for each database.
    """
    return Computed(f"facts {fact} {place}")


class GigDocument(Base):
    """What of one gig a search looks into, all of it words as `words.py` writes them.

    Where a word stands decides how much it counts. `words` has all of them, once each, and migrations alone can say
    how it is indexed: on PostgreSQL by a GIN index, on SQLite by the table `gig_words`, which triggers keep equal.
    """

    __tablename__ = "gig_documents"

    gig_id: Mapped[int] = mapped_column(Id, ForeignKey("gigs.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    # Skills, subject and the teacher's name.
    named: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class SearchWord(Base):
    """A word that some gig has, for finding out what was meant with a typed one.

    What no gig has any more stays until the next day.
    """

    __tablename__ = "search_words"
    __table_args__ = (Index("ix_search_words_backwards", "backwards"),)

    word: Mapped[str] = mapped_column(_Word, primary_key=True)
    backwards: Mapped[str] = mapped_column(_Word)


class CountedGig(Base):
    """What a gig is counted as.

    A JSON list of facts as `counts.py` has them, empty if the gig is not in the public list.
    """

    __tablename__ = "counted_gigs"
    __table_args__ = (
        Index("ix_counted_gigs_category", "category_key", "price", "stars"),
        Index("ix_counted_gigs_price", "price", "stars", "category_key", "category"),
    )

    # No foreign key: its check would wait for a gig that is being changed, and that change waits for this row.
    gig_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    facts: Mapped[str] = mapped_column(Text)
    # What the database itself reads out of the facts; only the release before this one finds gigs by it.
    category_key: Mapped[str | None] = mapped_column(_Word, _fact(0, 1))
    category: Mapped[str | None] = mapped_column(Text, _fact(0, 2))
    price: Mapped[str | None] = mapped_column(_Word, _fact(1, 1))
    stars: Mapped[int | None] = mapped_column(_fact(2, 1))


class ListedGig(Base):
    """A gig of the public list as searches with words and counts read it, in one short row.

    A gig that is not in the list has none. Triggers of `counted_gigs` write it, whose row is locked meanwhile.
    """

    __tablename__ = "listed_gigs"
    __table_args__ = (
        Index("ix_listed_gigs_category", "category_key", "price", "stars"),
        Index("ix_listed_gigs_price", "price", "hourly_cents", "stars", "facts"),
    )

    # No foreign key, as in `counted_gigs`.
    gig_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    category_key: Mapped[str] = mapped_column(_Word)
    # The band that the price for an hour is in, and the currency.
    price: Mapped[str] = mapped_column(_Word)
    stars: Mapped[int]
    hourly_cents: Mapped[int]
    price_cents: Mapped[int]
    # As its document has it.
    title: Mapped[str] = mapped_column(Text)
    # All that it is counted as, each behind a separator and a letter.
    facts: Mapped[str] = mapped_column(Text)


class FacetCount(Base):
    """A part of the number of public gigs that have a value of a facet.

    The number is the sum of its rows, of which each change adds some. It is that of all gigs or of those with a chosen
    value of another facet.
    """

    __tablename__ = "facet_counts"
    __table_args__ = (Index("ix_facet_counts_chosen", "chosen", "chosen_value", "facet"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # The facet whose value is chosen, and the value; both are empty in counts of the whole list.
    chosen: Mapped[str] = mapped_column(_Word)
    chosen_value: Mapped[str] = mapped_column(_Word)
    # What is counted: a facet's value, with one of the ways in which it is written.
    facet: Mapped[str] = mapped_column(_Word)
    value: Mapped[str] = mapped_column(_Word)
    label: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Id)


class OfferedTime(Base):
    """Some time that a schedule offers every week, from a day until the clocks of its zone change.

    In minutes of a week in UTC, which begins on Monday. `schedule/offered.py` writes it.
    """

    __tablename__ = "offered_times"
    __table_args__ = (Index("ix_offered_times_teacher_id_from_day", "teacher_id", "from_day"),)

    schedule_id: Mapped[int] = mapped_column(Id, ForeignKey("schedules.id", ondelete="CASCADE"), primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    begins: Mapped[int] = mapped_column(primary_key=True)
    until_day: Mapped[date]
    ends: Mapped[int]
    # Repeated here, so that a gig finds the rows of its schedule without a look at the schedules.
    teacher_id: Mapped[int] = mapped_column(Id)
    is_default: Mapped[bool]
