"""The filters of the directory."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField, SelectField, StringField

from gigs.directory.schemas import TeachersQuerySchema
from gigs.search.text import key_of
from web.forms import SchemaForm, choices


class TeachersForm(SchemaForm):
    """What the directory can be narrowed to.

    It is sent in the address.
    """

    class Meta:
        csrf = False

    schema = TeachersQuerySchema()

    q = StringField("Name or subject")
    category = SelectField("Subject", default="", validate_choice=False)
    # Where the page begins; it is in the address, but is no filter.
    cursor = HiddenField("Page")

    def offer(self, categories: Iterable[str]) -> None:
        """Offer these subjects, and the chosen one even if nobody teaches it (any more)."""
        chosen = self.category.data or ""
        names = {key_of(name): name for name in (chosen, *categories) if name}
        self.category.data = names.get(key_of(chosen), "")
        self.category.choices = choices({"": "All subjects"} | {names[key]: names[key] for key in sorted(names)})

    def entered(self) -> dict[str, object]:
        """Leave out what is empty."""
        return {name: value for name, value in super().entered().items() if value}

    def filters(self) -> dict[str, str]:
        """Return what the address of another page of the same list needs."""
        return {name: str(value) for name, value in self.entered().items() if name != "cursor"}
