"""Hand due jobs to Celery, whose workers run them with the very steps of our own runner.

A message says nothing but the number of a row, and the row is what counts: a message that comes twice finds the job
taken or done, and for one that got lost another is sent after a minute. So the broker need not be asked for any
guarantee. While it is away jobs wait in their table.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from flask import Flask
from sqlalchemy import Connection

from database import writing
from extensions import db
from jobs import claims, steps
from jobs.claims import Outcome
from jobs.lanes import Lane
from jobs.leases import Leases
from jobs.registry import registry_of
from jobs.runner import MakeLane

TASK = "lectern.run-job"
# For how long a message counts. After that the job is handed on again, if it has not begun.
HANDED = timedelta(seconds=60)
BATCH = 100
# So many jobs are handed on before Celery has begun them.
AHEAD = 1000
BROKER_SECONDS = 5
# After a failure of the broker, until it is tried again.
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


def make_celery(broker_url: str, **transport: Any) -> Celery:
    """Make a Celery that knows the broker and no task yet."""
    celery = Celery("lectern", broker=broker_url, set_as_current=False)
    celery.conf.update(
        # Not the name of the exchange for events, which may be at the same broker.
        task_default_queue="lectern-jobs",
        task_ignore_result=True,
        # What the broker forgets is handed on again, so it need not write anything to its disk.
        task_default_delivery_mode="transient",
        broker_connection_timeout=BROKER_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_transport_options=transport,
        # Short jobs are many and long ones are few.
        worker_prefetch_multiplier=4,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
    )
    return celery


def make_worker(app: Flask, broker_url: str) -> Celery:
    """Make the Celery whose workers run the jobs of `app`."""
    celery, leases = make_celery(broker_url), Leases(app)

    def run(job_id: int) -> None:
        with app.app_context():
            steps.run_one(job_id, registry_of(app), leases)

    def forget_connections(**_: Any) -> None:
        """Leave the connections of the process that was forked to that one."""
        with app.app_context():
            db.engine.dispose(close=False)

    celery.task(run, name=TASK)
    worker_process_init.connect(forget_connections, weak=False)
    return celery


def lane_to(broker_url: str) -> MakeLane:
    """Return what makes a lane that hands jobs to Celery.

    It notices soon when the broker does not answer.
    """
    of_rabbitmq = {"read_timeout": BROKER_SECONDS, "write_timeout": BROKER_SECONDS, "confirm_publish": True}
    transport = of_rabbitmq if broker_url.startswith("amqp") else {"socket_timeout": BROKER_SECONDS}

    def make(app: Flask, leases: Leases, who: str, stopping: threading.Event) -> Lane:
        return Relay(app, leases, who, stopping, celery=make_celery(broker_url, **transport))

    return make


class Relay(Lane):
    """Hands jobs on."""

    def __init__(self, app: Flask, leases: Leases, who: str, stopping: threading.Event, *, celery: Celery) -> None:
        """Prepare everything."""
        super().__init__(app, leases, who, stopping)
        self._which = claims.not_named(self.registry.apart())
        self._celery = celery
        self._producer: Any = None
        self._away = False

    def is_due(self, connection: Connection) -> bool:
        """Tell whether a job could be handed on."""
        return claims.is_to_be_handed(connection, self.registry.now(), self._which)

    def turn(self, ended: Outcome | None) -> tuple[bool, Outcome | None]:
        """Hand on the jobs that have waited longest, if the broker is there."""
        if not self._is_connected():
            return False, ended
        now = self.registry.now()
        with writing() as session:
            until = now + HANDED
            handed = claims.hand_on(session, self.who, until, now, self._which, most=BATCH, ahead=AHEAD)
        # Outside of the transaction: a slow broker must not hold a lock.
        if handed and not self._publish(handed):
            with writing() as session:
                claims.take_back(session, [job_id for job_id, _ in handed], self.who)
            return False, ended
        return bool(handed), ended

    def _is_connected(self) -> bool:
        if self._producer is not None:
            return True
        connection = self._celery.connection_for_write()
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
            self._producer = self._celery.amqp.Producer(connection, auto_declare=False)
        except Exception as error:
            connection.release()
            self._complain(error)
            return False
        if self._away:
            self._away = False
            logger.warning("The broker of jobs is back.")
        return True

    def _publish(self, handed: Sequence[tuple[int, str]]) -> bool:
        """Send a message for each job, and tell whether the broker has taken them all."""
        seconds = HANDED.total_seconds()
        try:
            for job_id, name in handed:
                limit = self.registry.handler(name).limit.total_seconds()
                self._celery.send_task(
                    TASK,
                    (job_id,),
                    producer=self._producer,
                    retry=False,
                    time_limit=limit,
                    expires=seconds,
                    expiration=seconds,
                )
        except Exception as error:
            self._complain(error)
            self._producer.connection.release()
            self._producer = None
            return False
        return True

    def _complain(self, error: Exception) -> None:
        if not self._away:
            self._away = True
            reason = f"{type(error).__name__}: {error}"
            logger.error("The broker of jobs cannot be used; they wait until it can. %s", reason)
        self.stopping.wait(RETRY_SECONDS)
