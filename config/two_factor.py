"""Who has to sign in with a code beside the password."""

from __future__ import annotations

from config.errors import ConfigError

# As `accounts.models.Role` has them; nothing below the settings knows roles.
ROLES = ("admin", "office", "teacher", "student")


def roles_with_two_factor(given: str | None) -> frozenset[str]:
    """Return the roles that are listed, with commas between them.

    Raises ConfigError for a word that is no role.
    """
    words = frozenset(word.strip() for word in (given or "").split(",") if word.strip())
    if unknown := sorted(words.difference(ROLES)):
        raise ConfigError(f"TWO_FACTOR_REQUIRED_FOR: there is no role {unknown[0]}. Use {', '.join(ROLES)}.")
    return words
