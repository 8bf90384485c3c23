"""Forms of two-factor sign-in."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from accounts.forms import CurrentPasswordForm
from accounts.two_factor.schemas import CodeSchema, ProofSchema
from web.forms import SchemaForm

_CODE = "Please enter the code."


class CodeForm(SchemaForm):
    """A code of the app, or one for recovery."""

    schema = CodeSchema()

    code = StringField("Code", [InputRequired(_CODE)])


class ProofForm(CurrentPasswordForm):
    """The current password and a code."""

    schema = ProofSchema()

    code = StringField("Code", [InputRequired(_CODE)])
