"""The application factory: configuration, extensions, errors, blueprints, commands."""

from __future__ import annotations

import logging
from types import ModuleType

from flask import Flask

import accounts.api
import accounts.by_mail.api
import accounts.by_mail.jobs
import accounts.by_mail.pages
import accounts.dependents
import accounts.pages
import accounts.sign_in.jobs
import bookings.api
import bookings.changes.pages
import bookings.coming
import bookings.entering.api
import bookings.jobs
import bookings.many.api
import bookings.many.pages
import bookings.messages.api
import bookings.messages.jobs
import bookings.pages
import bookings.queries
import bookings.series.api
import bookings.series.pages
import bookings.sessions.api
import bookings.sessions.pages
import bookings.sessions.queries
import bookings.slots.gig_search
import bookings.standing.api
import bookings.standing.jobs
import bookings.standing.pages
import bookings.statistics.api
import bookings.statistics.pages
import bookings.waitlist.api
import bookings.waitlist.jobs
import bookings.waitlist.pages
import calendars.api
import calendars.pages
import config
import connections
import enrolment.applications.api
import enrolment.applications.pages
import enrolment.applications.queries
import enrolment.assignments.api
import enrolment.assignments.pages
import enrolment.knowing
import enrolment.submissions.api
import enrolment.tasks.api
import enrolment.tasks.jobs
import enrolment.tasks.pages
import events
import gigs.api
import gigs.commands
import gigs.dependents
import gigs.directory.api
import gigs.discovery.api
import gigs.drafts.api
import gigs.drafts.jobs
import gigs.pages
import gigs.search.jobs
import gigs.traces.api
import gigs.traces.jobs
import gigs.traces.notebook
import jobs.registry
import mail.commands
import mail.jobs
import notifications.api
import notifications.jobs
import notifications.pages
import notifications.queries
import notifications.reminders.jobs
import notifications.telling.jobs
import notifications.telling.listener
import operators.cache.api
import operators.cache.commands
import operators.cache.jobs
import operators.jobs.commands
import operators.people.commands
import outages
import payments.api
import reviews.api
import reviews.pages
import schedule.api
import schedule.blocks.api
import schedule.dependents
import schedule.jobs
import schedule.pages
import schedule.queries
import schedule.service
import storefront.directory.pages
import storefront.entering.pages
import storefront.frame
import storefront.gig.pages
import storefront.invitations.pages
import storefront.lesson.pages
import storefront.live.api
import storefront.live.watched
import storefront.pages
import storefront.profile.pages
import students.api
import students.notes.api
import students.pages
import web.api
import web.attempts
import web.clock
import web.errors
import web.filters
import web.health
import web.hosts
import web.jobs
import web.links
import web.pages
import web.prometheus
import web.security
import web.settings
from accounts.sign_in import cached_lists
from accounts.sign_in.identity import install_signer
from accounts.sign_in.page_viewer import shown_zone
from caching import cache
from caching.signed import SignedSerializer
from caching.store import app_prefix
from extensions import bootstrap, csrf, db, login_manager, migrate
from web.application import Lectern

logger = logging.getLogger(__name__)

# The rooms in which features declare their jobs and their periodic work.
JOBS: tuple[ModuleType, ...] = (
    accounts.by_mail.jobs,
    accounts.sign_in.jobs,
    *(bookings.jobs, bookings.messages.jobs, bookings.standing.jobs, bookings.waitlist.jobs),
    *(gigs.drafts.jobs, gigs.search.jobs, gigs.traces.jobs),
    enrolment.tasks.jobs,
    mail.jobs,
    *(notifications.jobs, notifications.reminders.jobs, notifications.telling.jobs),
    *(operators.cache.jobs, schedule.jobs),
    web.jobs,
)


def create_app(settings: config.Settings | None = None, *, clock: web.clock.Clock = web.clock.system_clock) -> Flask:
    """Build the application.

    Without settings they are read from the environment and `.env`.
    """
    settings = settings or config.load_settings()
    app = Lectern(__name__, instance_path=str(settings.instance))
    _configure_logging(settings)
    web.prometheus.init_app(app, settings)
    web.clock.init_app(app, clock)
    web.settings.init_app(app, settings)
    web.hosts.init_app(app, settings)
    web.security.init_app(app, settings)
    _init_extensions(app, settings)
    install_signer(app.extensions, settings.secret_key)
    web.errors.init_app(app)
    web.filters.init_app(app, shown_zone)
    web.links.init_app(app)
    _connect_features()
    jobs.registry.init_app(app, clock, JOBS)
    _register_api(app)
    _register_pages(app)
    _register_commands(app)
    cached_lists.install(app)
    web.security.trust_proxies(app, settings)
    return app


def _init_extensions(app: Flask, settings: config.Settings) -> None:
    on_redis = settings.cache_type == "RedisCache"
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=connections.engine_options(
            settings.database_url, threads=max(settings.web_threads, settings.job_concurrency)
        ),
        CACHE_TYPE="caching.backend.StampedRedisCache" if on_redis else settings.cache_type,
        CACHE_REDIS_URL=settings.redis_url,
        CACHE_KEY_PREFIX=app_prefix,
        CACHE_SERIALIZER=SignedSerializer(settings.secret_key) if on_redis else None,
        CACHE_DEFAULT_TIMEOUT=settings.cache_ttl,
        CACHE_AUDIT_SHARE=settings.cache_audit_share,
        FRONT_CACHE_BYTES=settings.front_cache_bytes,
        CACHE_NO_NULL_WARNING=True,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    if settings.embedded_database or not settings.instance.is_dir():
        config.writable_folder(settings.instance)
    if settings.embedded_database:
        for file in settings.instance.glob("lectern.db*"):
            config.close_to_others(file)
    db.init_app(app)
    outages.init_app(app)
    # What a migration changes is changed in place: a table that SQLite writes anew would lose its triggers.
    migrate.init_app(app, db, render_as_batch=False)
    cache.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    bootstrap.init_app(app)
    web.attempts.init_app(app, settings)
    gigs.traces.notebook.init_app(app, settings.secret_key)
    if settings.cache_type == "NullCache":
        logger.warning("CACHE_TYPE is NullCache: every list is read from the database.")
    if settings.trusted_hosts == (config.ANY_HOST,):
        logger.warning("Requests for any host name are answered: name your own in TRUSTED_HOSTS.")


def _connect_features() -> None:
    """Give lower features the functions that higher ones supply."""
    events.listen(notifications.telling.listener.hear)
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
    gigs.dependents.gigs_free_at.supply(bookings.slots.gig_search.gigs_free_at)


def _register_api(app: Flask) -> None:
    api = web.api.init_app(app)
    people = (accounts.api.auth, accounts.by_mail.api.by_mail, accounts.api.people)
    lessons = (
        gigs.api.gigs,
        gigs.drafts.api.blueprint,
        gigs.traces.api.blueprint,
        schedule.api.schedule,
        schedule.blocks.api.blueprint,
        bookings.api.bookings,
        reviews.api.reviews,
    )
    more = (
        bookings.many.api.blueprint,
        bookings.series.api.blueprint,
        bookings.sessions.api.sessions,
        bookings.waitlist.api.blueprint,
        bookings.standing.api.blueprint,
        bookings.entering.api.blueprint,
        bookings.messages.api.blueprint,
        bookings.statistics.api.blueprint,
        calendars.api.calendars,
        students.api.students,
        students.notes.api.blueprint,
        notifications.api.blueprint,
        storefront.live.api.live,
    )
    found = (gigs.directory.api.blueprint, gigs.discovery.api.blueprint)
    places = (enrolment.applications.api.blueprint, enrolment.assignments.api.blueprint)
    work = (enrolment.tasks.api.blueprint, enrolment.submissions.api.blueprint, payments.api.blueprint)
    for blueprint in (*people, *found, *lessons, *more, *places, *work, operators.cache.api.blueprint):
        api.register_blueprint(blueprint)


def _register_pages(app: Flask) -> None:
    app.register_blueprint(web.health.blueprint)
    on_lessons = (
        bookings.pages,
        bookings.changes.pages,
        calendars.pages,
        bookings.many.pages,
        bookings.series.pages,
        bookings.sessions.pages,
        *(bookings.waitlist.pages, bookings.standing.pages, bookings.statistics.pages),
    )
    found = (storefront.pages, storefront.directory.pages, storefront.entering.pages, storefront.invitations.pages)
    shown_together = (*found, storefront.gig.pages, storefront.lesson.pages, storefront.profile.pages)
    for pages in (
        accounts.pages,
        accounts.by_mail.pages,
        gigs.pages,
        schedule.pages,
        *on_lessons,
        *(enrolment.applications.pages, enrolment.assignments.pages, enrolment.tasks.pages),
        reviews.pages,
        students.pages,
        notifications.pages,
        *shown_together,
    ):
        app.register_blueprint(pages.pages)
    app.register_blueprint(notifications.pages.unsubscribing)
    app.register_blueprint(web.pages.docs)
    app.register_blueprint(web.prometheus.blueprint)


def _register_commands(app: Flask) -> None:
    for feature in (operators.people, operators.cache, operators.jobs, mail, gigs):
        app.cli.add_command(feature.commands.group)


def _configure_logging(settings: config.Settings) -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger().setLevel(settings.log_level)
