"""What Celery imports: `celery -A jobs.celery worker`, with the same settings as the server."""

from __future__ import annotations

from app import create_app
from config import ConfigError, load_settings
from jobs.relay import make_worker

_settings = load_settings()
if _settings.celery_broker_url is None:
    raise ConfigError("CELERY_BROKER_URL has to name the broker, for this worker as for the server.")

app = make_worker(create_app(_settings), _settings.celery_broker_url)
