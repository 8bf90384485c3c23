"""The modules in which features declare their jobs and their periodic work."""

from __future__ import annotations

from types import ModuleType

import accounts.by_mail.jobs
import accounts.sign_in.jobs
import administration.invitations.jobs
import bookings.jobs
import bookings.messages.jobs
import bookings.standing.jobs
import bookings.waitlist.jobs
import calendars.busy.jobs
import enrolment.tasks.jobs
import events.exchange.jobs
import events.log.jobs
import events.webhooks.jobs
import gigs.drafts.jobs
import gigs.search.jobs
import gigs.traces.jobs
import mail.jobs
import notifications.jobs
import notifications.reminders.jobs
import notifications.telling.jobs
import operators.cache.jobs
import payments.checkout.jobs
import payments.lesson_months.jobs
import reports.lesson_hours.jobs
import schedule.jobs
import web.jobs

MODULES: tuple[ModuleType, ...] = (
    accounts.by_mail.jobs,
    accounts.sign_in.jobs,
    administration.invitations.jobs,
    bookings.jobs,
    bookings.messages.jobs,
    bookings.standing.jobs,
    bookings.waitlist.jobs,
    calendars.busy.jobs,
    events.exchange.jobs,
    events.log.jobs,
    events.webhooks.jobs,
    gigs.drafts.jobs,
    gigs.search.jobs,
    gigs.traces.jobs,
    enrolment.tasks.jobs,
    mail.jobs,
    notifications.jobs,
    notifications.reminders.jobs,
    notifications.telling.jobs,
    operators.cache.jobs,
    payments.checkout.jobs,
    payments.lesson_months.jobs,
    reports.lesson_hours.jobs,
    schedule.jobs,
    web.jobs,
)
