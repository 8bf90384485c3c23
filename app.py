"""The application factory: configuration, extensions, errors, and what the features bring."""

from __future__ import annotations

import logging

from flask import Flask

import config
import connections
import features.api
import features.commands
import features.jobs
import features.links
import features.pages
import gigs.traces.notebook
import jobs.registry
import logs
import outages
import revisions
import web.api
import web.attempts
import web.clock
import web.errors
import web.filters
import web.hosts
import web.links
import web.prometheus
import web.request_log
import web.security
import web.settings
from accounts.sign_in import cached_lists
from accounts.sign_in.identity import install_signer
from accounts.sign_in.page_viewer import shown_zone
from caching import cache
from caching.signed import SignedSerializer
from caching.store import app_prefix
from extensions import bootstrap, csrf, db, login_manager
from web.application import Lectern

logger = logging.getLogger(__name__)


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
    features.links.connect()
    jobs.registry.init_app(app, clock, features.jobs.MODULES)
    _register(app)
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
    revisions.init_app(app)
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


def _register(app: Flask) -> None:
    api = web.api.init_app(app)
    for blueprint in features.api.BLUEPRINTS:
        api.register_blueprint(blueprint)
    for pages in features.pages.BLUEPRINTS:
        app.register_blueprint(pages)
    for group in features.commands.GROUPS:
        app.cli.add_command(group)


def _configure_logging(settings: config.Settings) -> None:
    logs.configure(settings.log_format, settings.log_level)
    web.request_log.init_app()
