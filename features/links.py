"""Where a lower feature asks a higher one, which function answers it."""

from __future__ import annotations

import accounts.dependents
import accounts.two_factor.keys
import bookings.coming
import bookings.sessions.queries
import bookings.slots.gig_search
import enrolment.applications.queries
import enrolment.knowing
import events.log.listener
import events.webhooks.listener
import gigs.dependents
import notifications.telling.listener
import operators.cache.alerting
import outgoing
import payments.checkout.gateway
import payments.packages.units
import schedule.dependents
import schedule.queries
import schedule.service
import storefront.frame
import storefront.live.watched
import web.clock
import web.settings


def connect() -> None:
    """Give lower features the functions that higher ones supply."""
    # What lessons cost is settled first, so that others hear of it as it is.
    events.listen(payments.packages.units.hear)
    events.listen(events.log.listener.hear)
    events.listen(events.webhooks.listener.hear)
    events.listen(notifications.telling.listener.hear)
    accounts.two_factor.keys.application_secret.supply(web.settings.secret_key)
    accounts.dependents.has_student.supply(enrolment.knowing.has_student)
    accounts.dependents.shown_on_pages.supply(storefront.frame.reads)
    accounts.dependents.watched_by_pages.supply(storefront.live.watched.watched)
    gigs.dependents.can_choose_schedule.supply(schedule.service.can_choose)
    gigs.dependents.schedule_names.supply(schedule.queries.names)
    gigs.dependents.has_said_when.supply(schedule.queries.has_said_when)
    schedule.dependents.coming_lessons.supply(bookings.coming.coming_lessons)
    gigs.dependents.has_coming_sessions.supply(bookings.sessions.queries.coming_sessions)
    gigs.dependents.has_applicants.supply(enrolment.applications.queries.has_applicants)
    gigs.dependents.present.supply(web.clock.now)
    outgoing.loopback_allowed.supply(web.settings.loopback_allowed)
    operators.cache.alerting.ways.supply(web.settings.alert_ways)
    payments.checkout.gateway.card_account.supply(web.settings.card_account)
    gigs.dependents.gigs_free_at.supply(bookings.slots.gig_search.gigs_free_at)
