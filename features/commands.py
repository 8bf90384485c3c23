"""The `flask` commands for operators, most of them in groups."""

from __future__ import annotations

import click

import administration.importing.commands
import gigs.commands
import mail.commands
import operators.backup.commands
import operators.cache.commands
import operators.data.commands
import operators.doctor.commands
import operators.jobs.commands
import operators.people.commands
import reports.lesson_hours.commands

GROUPS: tuple[click.Command, ...] = (
    operators.doctor.commands.examine,
    operators.backup.commands.backup,
    operators.backup.commands.restore,
    operators.data.commands.group,
    operators.people.commands.group,
    operators.cache.commands.group,
    operators.jobs.commands.group,
    mail.commands.group,
    gigs.commands.group,
    administration.importing.commands.group,
    reports.lesson_hours.commands.group,
)
