"""Read and validate the settings: the one reader of the environment and of `.env`.

Every setting is optional and explained in `.env.example`. Nothing else in the program reads `os.environ`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from config.addresses import (
    LOOPBACK_NAMES,
    broker_address,
    database_address,
    exchange_address,
    is_loopback,
    redis_address,
    trusted_hosts,
)
from config.alerts import TOLD_NOBODY, AlertWays, alert_ways
from config.cards import CardAccount, card_account
from config.errors import ConfigError
from config.files import embedded_database_url, embedded_redis_url, private_file
from config.framing import embed_origins
from config.mail import LOCAL_SENDER, MailServer, Sender, mail_sender, mail_server, public_address
from config.two_factor import roles_with_two_factor

ROOT = Path(__file__).resolve().parent.parent

# The longest body of a request, in bytes, and the longest file where one is taken.
MAX_BODY_BYTES = 1_000_000
MAX_FILE_BYTES = 5_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything an operator can choose, validated."""

    instance: Path
    host: str = "127.0.0.1"
    port: int = 8000
    web_concurrency: int = 2
    web_threads: int = 4
    drain_seconds: float = 0.0
    job_concurrency: int = 4
    celery_broker_url: str | None = None
    events_url: str | None = None
    database_url: str
    redis_url: str
    secret_key: str
    cache_type: str = "RedisCache"
    cache_ttl: int = 600
    cache_audit_share: float = 0.0
    front_cache_bytes: int = 32 * 1024 * 1024
    demo_data: bool = True
    ratelimit_enabled: bool = True
    trusted_proxies: int = 0
    trusted_hosts: tuple[str, ...] = LOOPBACK_NAMES
    embed_origins: tuple[str, ...] = ()
    metrics_token: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    mail_server: MailServer | None = None
    mail_from: Sender = LOCAL_SENDER
    card_account: CardAccount | None = None
    alerts: AlertWays = TOLD_NOBODY
    log_level: str = "INFO"
    log_format: str = "text"
    registrations_per_hour: int = 300
    two_factor_required_for: frozenset[str] = frozenset()
    max_open_requests: int = 20
    max_open_requests_per_teacher: int = 10
    max_open_series: int = 3
    webhooks_allow_loopback: bool = False

    @property
    def embedded_database(self) -> bool:
        """Tell whether the database is the SQLite file that Lectern keeps in its own folder."""
        return self.database_url == embedded_database_url(self.instance)

    @property
    def embedded_redis(self) -> bool:
        """Tell whether Redis is the server that `make run` starts on a Unix socket."""
        return self.redis_url == embedded_redis_url(self.instance)


class _SettingsSchema(Schema):
    """What may stand in the environment, under names that are explained in `.env.example`."""

    class Meta:
        unknown = EXCLUDE

    LECTERN_INSTANCE = fields.String(load_default="instance")
    HOST = fields.String(load_default="127.0.0.1")
    PORT = fields.Integer(load_default=8000, validate=validate.Range(0, 65535))
    WEB_CONCURRENCY = fields.Integer(load_default=2, validate=validate.Range(1, 256))
    WEB_THREADS = fields.Integer(load_default=4, validate=validate.Range(1, 256))
    DRAIN_SECONDS = fields.Float(load_default=None, validate=validate.Range(0, 300))
    JOB_CONCURRENCY = fields.Integer(load_default=4, validate=validate.Range(0, 64))
    CELERY_BROKER_URL = fields.String(load_default=None)
    EVENTS_URL = fields.String(load_default=None)
    DATABASE_URL = fields.String(load_default=None)
    REDIS_URL = fields.String(load_default=None)
    REDIS_HOST = fields.String(load_default=None)
    REDIS_PORT = fields.Integer(load_default=None, validate=validate.Range(1, 65535))
    REDIS_PASSWORD = fields.String(load_default="")
    SECRET_KEY = fields.String(load_default=None, validate=validate.Length(min=16))
    CACHE_TYPE = fields.String(load_default="RedisCache", validate=validate.OneOf(["RedisCache", "NullCache"]))
    CACHE_TTL = fields.Integer(load_default=600, validate=validate.Range(1, 86_400))
    CACHE_AUDIT_SHARE = fields.Float(load_default=0.001, validate=validate.Range(0, 1))
    FRONT_CACHE_BYTES = fields.Integer(load_default=32 * 1024 * 1024, validate=validate.Range(0))
    DEMO_DATA = fields.Boolean(load_default=None)
    RATELIMIT_ENABLED = fields.Boolean(load_default=True)
    REGISTRATIONS_PER_HOUR = fields.Integer(load_default=300, validate=validate.Range(1, 1_000_000))
    TWO_FACTOR_REQUIRED_FOR = fields.String(load_default=None)
    TRUSTED_PROXIES = fields.Integer(load_default=0, validate=validate.Range(0, 16))
    TRUSTED_HOSTS = fields.String(load_default=None)
    EMBED_ORIGINS = fields.String(load_default=None)
    METRICS_TOKEN = fields.String(load_default=None)
    PUBLIC_URL = fields.String(load_default=None)
    MAIL_URL = fields.String(load_default=None)
    MAIL_FROM = fields.String(load_default=None)
    STRIPE_SECRET_KEY = fields.String(load_default=None)
    STRIPE_WEBHOOK_SECRET = fields.String(load_default=None)
    STRIPE_URL = fields.String(load_default=None)
    ALERT_MAIL = fields.Boolean(load_default=False)
    ALERT_WEBHOOK_URL = fields.String(load_default=None)
    MAX_OPEN_REQUESTS = fields.Integer(load_default=20, validate=validate.Range(1, 1_000_000))
    MAX_OPEN_REQUESTS_PER_TEACHER = fields.Integer(load_default=10, validate=validate.Range(1, 1_000_000))
    MAX_OPEN_SERIES = fields.Integer(load_default=3, validate=validate.Range(1, 1_000_000))
    WEBHOOKS_ALLOW_LOOPBACK = fields.Boolean(load_default=False)
    LOG_LEVEL = fields.String(
        load_default="INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
    )
    LOG_FORMAT = fields.String(load_default="text", validate=validate.OneOf(["text", "json"]))


def load_settings(environ: Mapping[str, str] | None = None, *, root: Path = ROOT) -> Settings:
    """Read and validate the settings.

    The environment wins over `.env` in `root`. An empty value counts as not given.

    Raises ConfigError if a value is malformed, or unsafe where the server can be reached from elsewhere.
    """
    given = {**dotenv_values(root / ".env"), **(os.environ if environ is None else environ)}
    try:
        env = _SettingsSchema().load({name: value for name, value in given.items() if value})
    except ValidationError as error:
        problems = (f"{name}: {' '.join(messages)}" for name, messages in error.normalized_messages().items())
        raise ConfigError("These settings cannot be used. " + "; ".join(problems)) from None
    instance = (root / env["LECTERN_INSTANCE"]).resolve()
    database_url = database_address(env["DATABASE_URL"] or embedded_database_url(instance))
    public_url = public_address(env["PUBLIC_URL"], env["HOST"], env["PORT"], needed=bool(env["MAIL_URL"]))
    redis_url = redis_address(env) or embedded_redis_url(instance)
    demo_by_default = is_loopback(env["HOST"]) and database_url == embedded_database_url(instance)
    return Settings(
        instance=instance,
        host=env["HOST"],
        port=env["PORT"],
        web_concurrency=env["WEB_CONCURRENCY"],
        web_threads=env["WEB_THREADS"],
        drain_seconds=_drain_seconds(env["DRAIN_SECONDS"], env["TRUSTED_PROXIES"]),
        job_concurrency=env["JOB_CONCURRENCY"],
        celery_broker_url=broker_address(env["CELERY_BROKER_URL"], redis_url),
        events_url=exchange_address(env["EVENTS_URL"]),
        database_url=database_url,
        redis_url=redis_url,
        secret_key=_secret_key(env["SECRET_KEY"], env["HOST"], instance),
        cache_type=env["CACHE_TYPE"],
        cache_ttl=env["CACHE_TTL"],
        cache_audit_share=env["CACHE_AUDIT_SHARE"],
        front_cache_bytes=env["FRONT_CACHE_BYTES"],
        demo_data=demo_by_default if env["DEMO_DATA"] is None else env["DEMO_DATA"],
        ratelimit_enabled=env["RATELIMIT_ENABLED"],
        registrations_per_hour=env["REGISTRATIONS_PER_HOUR"],
        two_factor_required_for=roles_with_two_factor(env["TWO_FACTOR_REQUIRED_FOR"]),
        trusted_proxies=env["TRUSTED_PROXIES"],
        trusted_hosts=trusted_hosts(env["TRUSTED_HOSTS"], env["HOST"], public_url, env["TRUSTED_PROXIES"]),
        embed_origins=embed_origins(env["EMBED_ORIGINS"]),
        metrics_token=env["METRICS_TOKEN"],
        public_url=public_url,
        mail_server=mail_server(env["MAIL_URL"]),
        mail_from=mail_sender(env["MAIL_FROM"], needed=bool(env["MAIL_URL"])),
        card_account=card_account(env),
        alerts=alert_ways(env),
        log_level=env["LOG_LEVEL"],
        log_format=env["LOG_FORMAT"],
        max_open_requests=env["MAX_OPEN_REQUESTS"],
        max_open_requests_per_teacher=env["MAX_OPEN_REQUESTS_PER_TEACHER"],
        max_open_series=env["MAX_OPEN_SERIES"],
        webhooks_allow_loopback=env["WEBHOOKS_ALLOW_LOOPBACK"],
    )


def _drain_seconds(given: float | None, trusted_proxies: int) -> float:
    """Take the given time, or one in which a usual proxy notices, if there is one."""
    if given is not None:
        return given
    return 5.0 if trusted_proxies else 0.0


def _secret_key(given: str | None, host: str, instance: Path) -> str:
    """Take the given key, or on loopback one that is made and kept in `instance`."""
    if given:
        return given
    if not is_loopback(host):
        raise ConfigError(f"SECRET_KEY must be set when HOST is {host}: every process and machine has to share it.")
    return private_file(instance / "secret_key", lambda: secrets.token_urlsafe(48))
