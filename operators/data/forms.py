"""The form with which people ask for all that is known about them."""

from __future__ import annotations

from wtforms import PasswordField
from wtforms.validators import InputRequired

from accounts.two_factor.schemas import BeginSchema
from web.forms import SchemaForm


class OwnDataForm(SchemaForm):
    """The present password, once more."""

    schema = BeginSchema()

    current_password = PasswordField("Present password", [InputRequired("Please enter your present password.")])
