"""What a search among 50,000 gigs takes, costs beside one among 5,000 and beside plain `LIKE`.

The questions are asked of both catalogues in turns, so that the ratio says what growth costs. Cold is an answer that
nothing is cached of, warm one that was given before.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select, text

from benchmarks.catalogue import SKILLS, SUBJECTS, application, build, name_of
from benchmarks.processor import seconds_for
from benchmarks.stats import ratio
from extensions import db
from gigs.models import Gig
from gigs.search.filters import LISTED, taught_gigs
from support.servers import PostgresServer, RedisServer
from support.unavailable import Unavailable
from web.pagination import DEFAULT_LIMIT

SMALL, LARGE = 5_000, 50_000
# So often each question is asked, each time with other words.
SAMPLES = 40
TITLE = "A search"
HEAD = """`/api/gigs` with all its counts, {large:,} gigs against {small:,}: p50 and p95 of the same questions,
each asked {samples} times with other words, counted in time of the processor, the database's among it. Cold by warm is
how many times as fast the same answer comes from the cache, `LIKE` by this how many times as long one page and its
number take with `LIKE '%word%'` over the same texts, unranked and without other counts.

| database | question | gigs found | p50, grown | p95, grown | cold by warm, p50 | cold by warm, p95 | `LIKE` by this |
|---|---|---|---|---|---|---|---|
"""

Question = Callable[[int], dict[str, str]]


def _mistyped(number: int) -> str:
    word = SKILLS[number % 40]
    return word[:2] + word[3] + word[2] + word[4:]


def _band(number: int) -> dict[str, str]:
    low, high = (("2000", "2999"), ("3000", "3999"), ("0", "1999"))[number % 3]
    return {"currency": "EUR", "min_hourly": low, "max_hourly": high}


QUESTIONS: dict[str, Question] = {
    "a rare word": lambda number: {"q": SKILLS[150 + number]},
    "two words": lambda number: {"q": f"{SKILLS[number]} {SKILLS[number + 3]}"},
    "the beginning of a word": lambda number: {"q": SKILLS[40 + number][:4]},
    "a teacher's name": lambda number: {"q": name_of(10 + number)},
    "a typing error": lambda number: {"q": _mistyped(number)},
    "a word with the hours filter": lambda number: {
        "q": SKILLS[20 + number], "day": "saturday", "part_of_day": "morning", "time_zone": "Europe/Berlin",
    },
    "a common word": lambda number: {"q": SKILLS[number % 4], "min_rating": "1", "min_price": str(number)},
    "no words": lambda _: {},
    "a subject": lambda number: {"category": SUBJECTS[number]},
    "a skill": lambda number: {"skill": SKILLS[number]},
    "stars": lambda number: {"min_rating": str(1 + number % 5)},
    "a band of prices": _band,
    "a subject and a band of prices": lambda number: {"category": SUBJECTS[number]} | _band(number),
    "a subject, a band and stars": lambda number: {"category": SUBJECTS[number], "min_rating": "2"} | _band(number),
    "a lowest price that is no band's": lambda number: {"min_hourly": str(2001 + number)},
}  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """So many gigs, asked without a cache and with one."""

    cold: Flask
    warm: Flask

    def ask(self, question: dict[str, str], *, warm: bool = False) -> float:
        """Ask, and return how many seconds of the processor the answer took."""
        app = self.warm if warm else self.cold
        client = app.test_client(use_cookies=False)
        address = f"/api/gigs?{urlencode(question)}"

        def work() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.text

        return seconds_for(app, work)

    def found(self, question: dict[str, str]) -> int:
        """Tell how many gigs a question finds."""
        answer = self.cold.test_client(use_cookies=False).get(f"/api/gigs?{urlencode(question)}").json
        return int(answer["total"]) if answer else 0

    def like(self, typed: str) -> float:
        """Do the same with plain `LIKE`, and return how many seconds of the processor it took."""
        found = [Gig.search_text.like(f"%{word}%") for word in typed.lower().split()]
        statement = select(Gig).select_from(taught_gigs(with_documents=False)).where(*LISTED, *found)
        number = select(func.count()).select_from(statement.subquery())
        with self.cold.app_context(), db.engine.connect() as connection:

            def work() -> None:
                connection.execute(statement.order_by(Gig.created_at.desc()).limit(DEFAULT_LIMIT + 1)).all()
                connection.scalar(number)

            return seconds_for(self.cold, work)

    def sizes(self) -> tuple[int, int]:
        """Return how many bytes the gigs take, and how many all that only the search needs."""
        with self.cold.app_context(), db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                size = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname IN "
            else:
                size = (
                    "SELECT sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) WHERE "
                    "CASE WHEN tbl_name LIKE 'gig_words%' THEN 'gig_words' "
                    "WHEN tbl_name LIKE 'gig_titles%' THEN 'gig_titles' ELSE tbl_name END IN "
                )
            of_gigs = "('gigs', 'gig_skills')"
            of_search = (
                "('gig_documents', 'gig_words', 'gig_titles', 'search_words', 'offered_times', 'counted_gigs', "
                "'listed_gigs', 'facet_counts')"
            )
            gigs, search = (int(connection.scalar(text(size + names)) or 0) for names in (of_gigs, of_search))
        return gigs, search


def run(small: int = SMALL, large: int = LARGE) -> str:
    """Measure, and return a table."""
    lines, sizes = [HEAD.format(small=small, large=large, samples=SAMPLES)], []
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        redis = running.enter_context(RedisServer())
        for name, urls in _databases(running, folder):
            catalogues = [
                Catalogue(build(folder, url, gigs), application(folder, url, redis_url=redis.url))
                for url, gigs in zip(urls, (small, large), strict=True)
            ]
            for line in _measured(name, *catalogues):
                print(line, flush=True)
                lines.append(f"{line}\n")
            gigs, search = catalogues[1].sizes()
            sizes.append(f"{name}: {search / gigs:.2f} times what the gigs take, {search / large:,.0f} bytes a gig")
    return "".join([*lines, f"\nWhat the search keeps beside the gigs: {', '.join(sizes)}.\n"])


def _measured(name: str, small: Catalogue, large: Catalogue) -> Iterator[str]:
    """Ask both catalogues in turns, and yield a line of the table for each question."""
    for title, question in QUESTIONS.items():
        asked = [question(number) for number in range(SAMPLES)]
        for each in (small, large):
            # The first ones fill the pools and the interpreter's own caches.
            each.ask(asked[0])
        pairs = [(small.ask(one), large.ask(one)) for one in asked]
        few, many = ([pair[side] for pair in pairs] for side in (0, 1))
        for one in asked:
            large.ask(one, warm=True)
        warm = [large.ask(one, warm=True) for one in asked]
        likes = [large.like(one["q"]) for one in asked[:10]] if "q" in question(0) else []
        found = sorted(map(large.found, asked))[SAMPLES // 2]
        cells = [name, title, f"{found:,}"]
        cells += [f"{share(many) / share(few):.2f}" for share in (_p50, _p95)]
        cells += [f"{share(many) / share(warm):.0f}" for share in (_p50, _p95)]
        cells += [f"{ratio(likes, many[: len(likes)]).median:.1f}" if likes else ""]
        print(f"{_p50(few) * 1000:.1f} {_p50(many) * 1000:.1f} ms", file=sys.stderr)
        yield "| " + " | ".join(cells) + " |"


def _p50(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


def _databases(running: ExitStack, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each kind of database, and the addresses of two empty ones."""
    yield "sqlite", [f"sqlite:///{folder}/{name}.db" for name in ("small", "large")]
    try:
        server = running.enter_context(PostgresServer())
    except Unavailable as reason:
        print(f"PostgreSQL is left out: {reason}", file=sys.stderr)
    else:
        yield "postgresql", [server.create_database(name) for name in ("search_small", "search_large")]
