"""Forms about packages."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import InputRequired, Optional

from bookings.schemas import FEE_MAX
from payments.packages.models import PackageStatus
from payments.packages.schemas import LessonsBackSchema, NewOfferSchema, PackageChangeSchema
from web.forms import Amount, SchemaForm, Whole


class OfferForm(SchemaForm):
    """So many lessons for one price."""

    schema = NewOfferSchema()
    fields_of = {"price_cents": "price"}

    lessons = Whole("Lessons", [InputRequired("Please enter how many.")])
    price = Amount("Price of all of them", [InputRequired("Please enter the price.")], at_most=FEE_MAX)

    def entered(self) -> dict[str, object]:
        """Say it as the API does."""
        given: dict[str, Any] = {"lessons": self.lessons.data, "price_cents": self.price.data}
        return {name: value for name, value in given.items() if value is not None}


class LessonsBackForm(SchemaForm):
    """How many lessons are paid back, and why."""

    schema = LessonsBackSchema()

    lessons = Whole("Lessons", [InputRequired("Please enter how many.")])
    # Another form on the same page has a reason, too.
    reason = StringField("Why?", [InputRequired("Please say why.")], id="back-reason")


class CloseForm(SchemaForm):
    """Why a package ends, and what was given back for the lessons that are left."""

    schema = PackageChangeSchema()
    fields_of = {"refunded_cents": "refunded"}

    refunded = Amount("Given back", [Optional()], at_most=FEE_MAX)
    reason = StringField("Why?", [InputRequired("Please say why.")])

    def entered(self) -> dict[str, object]:
        """Say it as the API does."""
        given = {"status": PackageStatus.CLOSED, "reason": self.reason.data or ""}
        return given | ({} if self.refunded.data is None else {"refunded_cents": self.refunded.data})
