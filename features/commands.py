"""The groups of `flask` commands for operators."""

from __future__ import annotations

from flask.cli import AppGroup

import gigs.commands
import mail.commands
import operators.cache.commands
import operators.jobs.commands
import operators.people.commands

GROUPS: tuple[AppGroup, ...] = (
    operators.people.commands.group,
    operators.cache.commands.group,
    operators.jobs.commands.group,
    mail.commands.group,
    gigs.commands.group,
)
