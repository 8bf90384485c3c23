"""The table of proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from database import Instant, enum_column, one_of
from extensions import Base


class ProofType(StrEnum):
    """What a proof may be."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    PDF = "application/pdf"

    @property
    def ending(self) -> str:
        """Return how the name of such a file ends."""
        return {ProofType.JPEG: "jpg"}.get(self, self.partition("/")[2])


class PaymentProof(Base):
    """The proof of one payment.

    It stands beside the ledger and is no part of it: while its payment is undecided, another one takes its place.
    """

    __tablename__ = "payment_proofs"
    __table_args__ = (CheckConstraint(one_of("media_type", ProofType), name="media_type"),)

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, autoincrement=False)
    media_type: Mapped[ProofType] = mapped_column(enum_column(ProofType, 20))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    # It comes last, so that SQLite finds the other columns without reading it.
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A file that is harmless: it was checked, and a picture is drawn anew."""

    media_type: ProofType
    content: bytes
