"""Forms of two-factor sign-in."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from accounts.two_factor.schemas import BeginSchema, CodeSchema, ProofSchema
from web.forms import SchemaForm

_CODE = "Please enter the code."


class CodeForm(SchemaForm):
    """A code of the app, or one for recovery."""

    schema = CodeSchema()

    code = StringField("Code", [InputRequired(_CODE)])


class BeginForm(SchemaForm):
    """The present password."""

    schema = BeginSchema()

    current_password = PasswordField("Present password", [InputRequired("Please enter your present password.")])


class ProofForm(BeginForm):
    """The present password and a code."""

    schema = ProofSchema()

    code = StringField("Code", [InputRequired(_CODE)])
