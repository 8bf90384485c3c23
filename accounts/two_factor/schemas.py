"""What goes in and out about two-factor sign-in."""

from __future__ import annotations

from marshmallow import fields

from accounts.schemas import CurrentPasswordSchema
from web.fields import InstantField, Line, StrictSchema

CODE_MAX = 40


class CodeField(Line):
    """A code of an app, or one for recovery."""

    def __init__(self, **kwargs: object) -> None:
        """Bound the length."""
        super().__init__(at_least=1, at_most=CODE_MAX, load_only=True, **kwargs)


class SetupSchema(StrictSchema):
    """What an app needs: the key, or the address that a QR code has."""

    EXAMPLE = {"secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://totp/Lectern:ada%40example.org?secret=…&issuer=Lectern"}

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class CodeSchema(StrictSchema):
    """A code of the app."""

    EXAMPLE = {"code": "123456"}

    code = CodeField(required=True)


class ProofSchema(CurrentPasswordSchema):
    """The current password, and a code of the app or one for recovery."""

    EXAMPLE = {"current_password": "analytical engine", "code": "123456"}

    code = CodeField(required=True)


class RecoveryCodesSchema(StrictSchema):
    """Codes for recovery, which are shown this once."""

    recovery_codes = fields.List(fields.String(), required=True)


class StateSchema(StrictSchema):
    """Whether two-factor sign-in is on."""

    on = fields.Boolean(required=True)
    since = InstantField(required=True, allow_none=True)
    recovery_codes_left = fields.Integer(required=True)
