"""How people's names and addresses are compared and shown."""

from __future__ import annotations

from unicodedata import normalize

# How the sign-in address of a user begins who has none: nothing that is entered as an address can be equal to it.
NO_ADDRESS = "nobody:"


def fold(text: str) -> str:
    """Return a text in the form that is compared and searched.

    "Straße" and "STRASSE" become one, and blanks single.
    """
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())


def normalise_email(email: str) -> str:
    """Return an address in the form in which it is stored and compared."""
    return email.strip().lower()


def short_name(name: str) -> str:
    """Return what strangers see of a student: first name and the last name's initial."""
    first, *rest = name.split()
    return f"{first} {rest[-1][0].upper()}." if rest else first
