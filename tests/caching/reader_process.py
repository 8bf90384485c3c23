"""A process in which many people ask for the same cold list at once: run by the test of stampedes.

Arguments: database URL, Redis URL, instance folder, number of people. It says `ready`, waits for a line, and prints as
JSON how often the list was read from the database, and the distinct statuses and bodies of the answers.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from app import create_app
from caching import client
from config import Settings

# So long the query takes: everybody has come by then, also on a busy machine.
QUERY_SECONDS = 1.0

queries: list[str] = []


@event.listens_for(Engine, "before_cursor_execute")
def _take_time(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    # The page itself; the counts beside it are a statement of their own.
    if "gigs.title" in statement:
        queries.append(statement)
        time.sleep(QUERY_SECONDS)


def main(database_url: str, redis_url: str, instance: str, people: int) -> None:
    settings = Settings(
        instance=Path(instance), database_url=database_url, redis_url=redis_url, secret_key="x" * 16, demo_data=False
    )
    # So many threads at once let a sound server seem slow.
    client.CONNECT_SECONDS = client.READ_SECONDS = 10.0
    app = create_app(settings)
    start = threading.Barrier(people)

    def ask(_: int) -> tuple[int, str]:
        start.wait(30)
        answer = app.test_client().get("/api/gigs?sort=price")
        return answer.status_code, answer.text

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(people) as pool:
        answers = list(pool.map(ask, range(people)))
    sys.stdout.write(json.dumps({"queries": len(queries), "answers": sorted(set(answers)), "number": len(answers)}))


if __name__ == "__main__":
    database_url, redis_url, instance, people = sys.argv[1:]
    main(database_url, redis_url, instance, people=int(people))
