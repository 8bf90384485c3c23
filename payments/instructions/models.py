"""The table of what teachers say about how to pay them.

It is no part of `users`: whoever may see a profile need not see an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Instant
from extensions import Base


class PaymentInstructions(Base):
    """What one teacher says, all of it optional."""

    __tablename__ = "payment_instructions"

    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    account_holder: Mapped[str] = mapped_column(String(70))
    # Without blanks and in capitals; its checksum has been looked at.
    iban: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str] = mapped_column(String(11))
    updated_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """The same as it is entered."""

    text: str = ""
    account_holder: str = ""
    iban: str = ""
    bic: str = ""
