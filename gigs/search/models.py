"""Tables of the search: what it looks into."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from database import Id
from extensions import Base

# The order of code points, whatever language a PostgreSQL server sorts by: beginnings are ranges of it.
_Word = Text().with_variant(Text(collation="C"), "postgresql")


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
