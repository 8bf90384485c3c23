"""The blueprints of the JSON API, in the order of its documentation."""

from __future__ import annotations

from flask_smorest import Blueprint

import accounts.api
import accounts.by_mail.api
import accounts.teaching.api
import accounts.two_factor.api
import administration.audit.api
import administration.holidays.api
import administration.importing.api
import administration.invitations.api
import administration.people.api
import administration.school.api
import administration.teaching.api
import bookings.api
import bookings.entering.api
import bookings.many.api
import bookings.messages.api
import bookings.series.api
import bookings.sessions.api
import bookings.standing.api
import bookings.statistics.api
import bookings.waitlist.api
import calendars.api
import calendars.busy.api
import enrolment.applications.api
import enrolment.assignments.api
import enrolment.submissions.api
import enrolment.tasks.api
import gigs.api
import gigs.directory.api
import gigs.discovery.api
import gigs.drafts.api
import gigs.traces.api
import notifications.api
import operators.cache.api
import operators.events.api
import operators.jobs.api
import operators.mail.api
import operators.webhooks.api
import payments.api
import payments.bank.api
import payments.checkout.api
import payments.income.api
import payments.instructions.api
import payments.invoices.api
import payments.owing.api
import payments.packages.api
import payments.proofs.api
import payments.statements.api
import reports.analytics.api
import reports.daily.api
import reports.dashboard.api
import reports.leaderboards.api
import reports.performance.api
import reviews.api
import schedule.api
import schedule.blocks.api
import storefront.live.api
import students.api
import students.notes.api

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.api.auth,
    accounts.by_mail.api.by_mail,
    accounts.api.people,
    accounts.two_factor.api.blueprint,
    accounts.teaching.api.blueprint,
    gigs.directory.api.blueprint,
    gigs.discovery.api.blueprint,
    gigs.api.gigs,
    gigs.drafts.api.blueprint,
    gigs.traces.api.blueprint,
    schedule.api.schedule,
    schedule.blocks.api.blueprint,
    bookings.api.bookings,
    reviews.api.reviews,
    bookings.many.api.blueprint,
    bookings.series.api.blueprint,
    bookings.sessions.api.sessions,
    bookings.waitlist.api.blueprint,
    bookings.standing.api.blueprint,
    bookings.entering.api.blueprint,
    bookings.messages.api.blueprint,
    bookings.statistics.api.blueprint,
    calendars.api.calendars,
    calendars.busy.api.blueprint,
    students.api.students,
    students.notes.api.blueprint,
    notifications.api.blueprint,
    storefront.live.api.live,
    enrolment.applications.api.blueprint,
    enrolment.assignments.api.blueprint,
    enrolment.tasks.api.blueprint,
    enrolment.submissions.api.blueprint,
    payments.api.blueprint,
    payments.bank.api.blueprint,
    payments.invoices.api.blueprint,
    payments.instructions.api.blueprint,
    payments.owing.api.blueprint,
    payments.packages.api.blueprint,
    payments.proofs.api.blueprint,
    payments.statements.api.blueprint,
    payments.income.api.blueprint,
    payments.checkout.api.blueprint,
    reports.dashboard.api.blueprint,
    reports.performance.api.blueprint,
    reports.leaderboards.api.blueprint,
    administration.audit.api.blueprint,
    reports.analytics.api.blueprint,
    reports.daily.api.blueprint,
    administration.people.api.blueprint,
    administration.teaching.api.blueprint,
    administration.invitations.api.blueprint,
    administration.invitations.api.joining,
    operators.cache.api.blueprint,
    operators.events.api.blueprint,
    operators.jobs.api.blueprint,
    operators.mail.api.blueprint,
    administration.holidays.api.blueprint,
    administration.importing.api.blueprint,
    administration.school.api.blueprint,
    operators.webhooks.api.blueprint,
)
