"""The blueprints of the pages, and of what is not part of the JSON API."""

from __future__ import annotations

from flask import Blueprint

import accounts.by_mail.pages
import accounts.pages
import accounts.teaching.pages
import accounts.two_factor.pages
import administration.audit.pages
import administration.desk.pages
import administration.holidays.pages
import administration.importing.pages
import administration.invitations.pages
import administration.lists.pages
import administration.pages
import administration.people.pages
import administration.school.pages
import administration.teaching.pages
import bookings.changes.pages
import bookings.many.pages
import bookings.pages
import bookings.series.pages
import bookings.sessions.pages
import bookings.standing.pages
import bookings.statistics.pages
import bookings.waitlist.pages
import calendars.busy.pages
import calendars.pages
import enrolment.applications.pages
import enrolment.assignments.pages
import enrolment.tasks.pages
import gigs.pages
import notifications.pages
import operators.cache.pages
import operators.data.pages
import operators.jobs.pages
import operators.mail.pages
import operators.webhooks.pages
import payments.bank.pages
import payments.checkout.api
import payments.checkout.pages
import payments.invoices.pages
import payments.statements.pages
import reports.charts.pages
import reports.pages
import reviews.moderation.pages
import reviews.pages
import schedule.pages
import storefront.directory.pages
import storefront.embed.pages
import storefront.entering.pages
import storefront.gig.pages
import storefront.invitations.pages
import storefront.lesson.pages
import storefront.money.lesson.pages
import storefront.money.month.pages
import storefront.money.packages.pages
import storefront.money.pages
import storefront.pages
import storefront.profile.pages
import students.pages
import web.health
import web.pages
import web.prometheus

BLUEPRINTS: tuple[Blueprint, ...] = (
    web.health.blueprint,
    accounts.pages.pages,
    accounts.by_mail.pages.pages,
    accounts.two_factor.pages.pages,
    accounts.teaching.pages.pages,
    gigs.pages.pages,
    schedule.pages.pages,
    bookings.pages.pages,
    bookings.changes.pages.pages,
    calendars.pages.pages,
    calendars.busy.pages.pages,
    bookings.many.pages.pages,
    bookings.series.pages.pages,
    bookings.sessions.pages.pages,
    bookings.waitlist.pages.pages,
    bookings.standing.pages.pages,
    bookings.statistics.pages.pages,
    enrolment.applications.pages.pages,
    enrolment.assignments.pages.pages,
    enrolment.tasks.pages.pages,
    payments.checkout.api.webhook,
    payments.checkout.pages.pages,
    payments.bank.pages.pages,
    payments.invoices.pages.pages,
    payments.statements.pages.pages,
    reviews.pages.pages,
    reviews.moderation.pages.pages,
    students.pages.pages,
    notifications.pages.pages,
    operators.cache.pages.pages,
    operators.data.pages.pages,
    operators.jobs.pages.pages,
    operators.mail.pages.pages,
    administration.pages.pages,
    administration.people.pages.pages,
    administration.teaching.pages.pages,
    administration.lists.pages.lessons,
    administration.lists.pages.payments,
    administration.lists.pages.applications,
    administration.invitations.pages.pages,
    administration.invitations.pages.joining,
    administration.audit.pages.pages,
    administration.desk.pages.pages,
    administration.school.pages.pages,
    administration.holidays.pages.pages,
    administration.importing.pages.pages,
    operators.webhooks.pages.pages,
    reports.pages.pages,
    reports.charts.pages.pages,
    storefront.pages.pages,
    storefront.directory.pages.pages,
    storefront.embed.pages.pages,
    storefront.entering.pages.pages,
    storefront.invitations.pages.pages,
    storefront.gig.pages.pages,
    storefront.lesson.pages.pages,
    storefront.profile.pages.pages,
    storefront.money.pages.pages,
    storefront.money.lesson.pages.pages,
    storefront.money.month.pages.pages,
    storefront.money.packages.pages.pages,
    notifications.pages.unsubscribing,
    web.pages.docs,
    web.prometheus.blueprint,
)
