"""The form beneath a talk.

What is allowed in it, the API's schema says.
"""

from __future__ import annotations

from bookings.messages.schemas import NewMessageSchema
from web.forms import Lines, SchemaForm


class MessageForm(SchemaForm):
    """What one of a lesson's two people writes to the other."""

    schema = NewMessageSchema()

    text = Lines("Your message")
