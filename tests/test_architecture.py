"""The structure of the product, as CONTRIBUTING.md draws it: who may import whom, and how large things may get.

Each rule is a function from modules to sentences that say what is wrong and what to do; the product has to give none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from config import ROOT
from tests.support.imports import Module, find_cycle, parse, read_product

Modules = Mapping[str, Module]
Rule = Callable[[Modules], Iterator[str]]

# From the bottom to the top; a package may import its own modules and what stands in a line above its own. A module
# that another program begins with has a line for itself.
LAYERS = (
    {"config", "errors", "extensions", "hooks", "jsontext", "observations", "postgresql"},
    {"later", "logs"},
    {"connections"},
    {"outages", "revisions", "outgoing"},
    {"database"},
    {"caching"},
    {"tags", "jobs"},
    {"web"},
    {"school"},
    {"mail"},
    {"events"},
    {"accounts"},
    {"gigs"},
    {"schedule"},
    {"bookings"},
    {"calendars"},
    {"enrolment"},
    {"payments"},
    {"reviews"},
    {"students"},
    {"notifications"},
    {"reports"},
    {"administration"},
    {"storefront", "operators"},
    {"features"},
    {"app"},
    {"demo"},
    {"server"},
    {"wsgi", "jobs.celery"},
    {"support"},
    {"benchmarks"},
)
LEVEL = {package: level for level, packages in enumerate(LAYERS) for package in packages}
FEATURES = (
    "accounts",
    "gigs",
    "schedule",
    "bookings",
    "calendars",
    "enrolment",
    "payments",
    "reviews",
    "students",
    "notifications",
    "reports",
    "administration",
    "storefront",
    "operators",
)

# Where requests, commands and jobs come in: nothing but the application depends on them.
LEAVES = {"api", "pages", "commands", "jobs"}
ROOMS = {"models", "states", "schemas", "queries", "dependents", "service", "forms", *LEAVES}

# Rooms that not every feature has, and what they are for. What belongs together stands in a package of its own instead.
EXTRA_ROOMS = {
    "operators.cache.alerting": "who is told of alerts, and the jobs that do so",
    "accounts.actors": "the user who acts, as the rules of all features see them",
    "accounts.rights": "what each role may do beyond its own affairs",
    "accounts.names": "how names are compared and shown",
    "gigs.watched": "what open pages of a gig watch",
    "gigs.narrowing": "lists of lessons, money and places, narrowed by parts of names and titles",
    "bookings.kept_notes": "the note to a lesson, kept in a cookie while a user signs in",
    "bookings.leaving": "the service that ends what is open when an account is closed",
    "bookings.history": "every change of a booking, and who has had one together",
    "bookings.marks": "what changes are called, and who has still to see them",
    "bookings.parties": "how a booking stands, and what a user is in it",
    "bookings.shown": "what lists show of bookings",
    "bookings.popularity": "how often gigs were booked lately, stored with the gigs",
    "bookings.records": "a booking as the rules see it, read once",
    "bookings.statuses": "what there is to know of each status",
    "bookings.writes": "the one writer of bookings: rows, history, invalidation",
    "schedule.offered": "the hours that are offered every week, as searches compare them",
    "calendars.day_grid": "where lessons and hours stand in a week or a day",
    "calendars.lessons_by_day": "weeks and months, each day with its lessons",
    "calendars.month_days": "the days of a month, with why no lessons are given on some",
    "enrolment.changes": "what a change makes old, and how others hear of it",
    "enrolment.knowing": "who knows whom, by lessons or by applications",
    "enrolment.leaving": "the service that ends what is open when an account is closed",
    "enrolment.places": "the places of a gig, for the gig's page",
    "enrolment.rows": "what the lists of this feature have in common",
    "enrolment.statuses": "where applications, assignments, tasks and submissions stand",
    "notifications.digests": "one mail each morning about what is new",
    "notifications.settings": "what people chose about what they are told, as all who tell them something see it",
    "notifications.types": "what there is to know of each type",
    "notifications.unsubscribe": "addresses that end mails of one kind",
    "notifications.writes": "the one writer of notifications: rows, invalidation",
    "payments.invariants": "what is true of every ledger, for tests and operators",
    "payments.months": "months of a reader's clock, by which money is looked at",
    "payments.packages.units": "which lessons a package pays for",
    "payments.packages.invariants": "what is true of all packages, for tests and operators",
    "payments.statements.prepaid": "what statements say of packages",
    "payments.sums": "the one place where rows of the ledger are added up",
    "payments.writes": "the one writer of the ledger: locks, invalidation, events",
    "reports.answers": "reports that are put together from several cached reads",
    "reports.charts.subjects": "what each chart of the school shows, and its columns",
    "reports.navigation": "what pages call periods, and how they lead from one to the next",
    "reports.spans": "stretches of time as a table that statements join",
    "reports.periods": "days, weeks, months, quarters and years of a reader's clock",
    "storefront.free_times": "when gigs are free next, on several pages",
    "storefront.frame": "what stands around every page of a signed-in person",
    "administration.sections": "the navigation of the pages under /admin",
    "bookings.coming": "the lessons to come, for those below who ask",
    "schedule.words": "what a schedule says, in a few words",
    "schedule.outside": "which lessons lie outside of what is offered",
    "schedule.availability_sheet": "the rows in which teachers type their times",
}

# Modules that speak HTTP beside the leaves and forms; all others could serve a program without any request.
HTTP_ROOMS = {
    "accounts.sign_in.cookies",
    "accounts.sign_in.cached_lists",
    "accounts.sign_in.identity",
    "accounts.sign_in.known_browsers",
    "accounts.sign_in.page_version",
    "accounts.by_mail.kept_tokens",
    "accounts.sign_in.page_viewer",
    "accounts.sign_in.second_factor",
    "accounts.sign_in.sessions",
    "accounts.two_factor.first_step",
    "administration.audit.acts",
    "administration.audit.recording",
    "administration.audit.watching",
    "bookings.kept_notes",
    "bookings.many.words",
    "bookings.my_lessons.lesson_list",
    "bookings.waitlist.full_times_page",
    "gigs.drafts.editor",
    "gigs.traces.noticing",
    "gigs.traces.notebook",
    "storefront.gig.gig_page",
    "storefront.start.start_page",
}
HTTP_LIBRARIES = {"flask", "flask_login", "flask_smorest", "flask_wtf", "werkzeug", "wtforms"}
WEB_WITHOUT_REQUESTS = {
    "web.pictures",
    "web.amounts",
    "web.attempts",
    "web.csv_files",
    "web.csv_text",
    "web.fields",
    "web.pagination",
}

# The table of a booking's history, its one writer, and who reads it. The demo school makes up a past.
WITH_HISTORY = {"bookings.models", "bookings.writes", "bookings.history", "calendars.queries"}

LONGEST_FILE, LONGEST_FUNCTION = 300, 60
LONGEST_SUMMARY = 100


def every_package_has_a_layer(modules: Modules) -> Iterator[str]:
    for package in sorted({module.package for module in modules.values()} - LEVEL.keys()):
        yield f"{package} has no place in LAYERS: say there what it may import and who may import it."


def imports_go_down(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        for name in sorted(module.own_imports):
            if _level(modules[name]) > _level(module):
                yield f"{module.name} imports {name}, which stands above it: move it down, or use `Dependents`."


def only_tests_import_tests(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        if "tests" in module.imports:
            yield f"{module.name} imports from tests/: what others need, too, belongs into support/."


def the_bottom_imports_nothing(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        if module.package not in LAYERS[0]:
            continue
        if others := {name for name in module.own_imports if name.partition(".")[0] != module.package}:
            yield f"{module.name} imports {', '.join(sorted(others))}: the lowest packages import no other of ours."


def leaves_are_imported_by_the_list_of_features_alone(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        for name in sorted(module.own_imports):
            if _is_leaf(modules[name]) and module.package != "features":
                yield f"{module.name} imports {name}: put what it needs into a query, a service or a room of its own."


def what_knows_no_request_imports_nothing_of_http(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        if module.package not in FEATURES or _speaks_http(module):
            continue
        web = {name for name in module.own_imports if modules[name].package == "web"}
        rooms = {
            name for name in module.own_imports if modules[name].package in FEATURES and _speaks_http(modules[name])
        }
        wrong = (module.imports & HTTP_LIBRARIES) | rooms | (web - WEB_WITHOUT_REQUESTS)
        for name in sorted(wrong):
            yield f"{module.name} imports {name}: it is used without requests, too. Give it plain arguments instead."


def features_have_the_usual_rooms(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        if module.package not in FEATURES:
            continue
        if module.is_package:
            if not ast.get_docstring(module.tree):
                yield f"{module.name} needs a docstring that says what belongs into it."
        elif module.room.count(".") == 0 and module.room not in ROOMS and module.name not in EXTRA_ROOMS:
            yield f"{module.name} is no usual room: name it in EXTRA_ROOMS with what it is for."
    for name in sorted((EXTRA_ROOMS.keys() | HTTP_ROOMS) - modules.keys()):
        yield f"{name} is listed and does not exist: take it out of the list."


def one_module_writes_bookings(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        if (
            re.search(r"\bBookingEvent\b", module.source)
            and module.package != "demo"
            and module.name not in WITH_HISTORY
        ):
            yield f"{module.name} knows BookingEvent: let bookings.writes change the booking and note the event."


def imports_stand_at_the_top(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        for line in module.late_imports():
            yield f"{module.name}, line {line}: an import that does not stand at the top hides a cycle or a cost."


def there_is_no_cycle(modules: Modules) -> Iterator[str]:
    if cycle := find_cycle(modules):
        yield f"These import each other in a circle: {' → '.join(cycle)}."


def files_and_functions_are_short(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        length = module.source.count("\n")
        if length > LONGEST_FILE:
            yield f"{module.name} has {length} lines, more than {LONGEST_FILE}: find the two things it does."
        for function in module.functions:
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{module.name}.{function.name} has {length} lines, more than {LONGEST_FUNCTION}: name its parts."


def docstrings_begin_with_one_short_sentence(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        for name, text in module.docstrings():
            if not _is_short_sentence(text):
                yield (
                    f"{module.name}{name and '.'}{name}: begin its docstring with one sentence without a semicolon, "
                    f"of at most {LONGEST_SUMMARY} characters; what else is to be said follows after an empty line."
                )


# What breaks each rule, and how the sentence about it begins.
PLANTED: list[tuple[Rule, dict[str, str], str]] = [
    (every_package_has_a_layer, {"extras": ""}, "extras has no place"),
    (imports_go_down, {"gigs.service": "from bookings import queries", "bookings.queries": ""}, "gigs.service imports"),
    (imports_go_down, {"caching.store": "import tags", "tags": ""}, "caching.store imports tags"),
    (imports_go_down, {"web.errors": "import accounts.models", "accounts.models": ""}, "web.errors imports"),
    (imports_go_down, {"gigs.api": "import app", "app": ""}, "gigs.api imports app"),
    (imports_go_down, {"jobs.runner": "import gigs.jobs", "gigs.jobs": ""}, "jobs.runner imports gigs.jobs"),
    (imports_go_down, {"gigs.pages": "from demo import load", "demo": "", "demo.load": ""}, "gigs.pages imports demo"),
    (
        imports_go_down,
        {"server.children": "from support import processes", "support.processes": ""},
        "server.children imports support.processes",
    ),
    (
        imports_go_down,
        {"support.servers": "from benchmarks import wrk", "benchmarks.wrk": ""},
        "support.servers imports benchmarks.wrk",
    ),
    (only_tests_import_tests, {"benchmarks.hits": "from tests.support.world import World"}, "benchmarks.hits imports"),
    (only_tests_import_tests, {"server.children": "import tests"}, "server.children imports from tests/"),
    (the_bottom_imports_nothing, {"errors": "import config", "config": ""}, "errors imports config"),
    (the_bottom_imports_nothing, {"config.files": "import errors", "errors": ""}, "config.files imports errors"),
    (
        leaves_are_imported_by_the_list_of_features_alone,
        {"gigs.pages": "from gigs.api import gigs", "gigs.api": ""},
        "gigs.pages imports gigs.api",
    ),
    (
        leaves_are_imported_by_the_list_of_features_alone,
        {"gigs.service": "from gigs import jobs", "gigs.jobs": ""},
        "gigs.service imports gigs.jobs",
    ),
    (imports_go_down, {"gigs.api": "import bookings.queries", "bookings.queries": ""}, "gigs.api imports"),
    (
        what_knows_no_request_imports_nothing_of_http,
        {"gigs.queries": "from flask import request"},
        "gigs.queries imports flask",
    ),
    (
        what_knows_no_request_imports_nothing_of_http,
        {"gigs.service": "from web import clock", "web.clock": ""},
        "gigs.service imports web.clock",
    ),
    (
        what_knows_no_request_imports_nothing_of_http,
        {"gigs.models": "from accounts.sign_in.identity import Viewer", "accounts.sign_in.identity": ""},
        "gigs.models imports accounts.sign_in.identity",
    ),
    (
        what_knows_no_request_imports_nothing_of_http,
        {"gigs.jobs": "from web import clock", "web.clock": ""},
        "gigs.jobs imports web.clock",
    ),
    (features_have_the_usual_rooms, {"gigs.helpers": ""}, "gigs.helpers is no usual room"),
    (features_have_the_usual_rooms, {"gigs.search": "", "gigs.search.text": ""}, "gigs.search needs a docstring"),
    (
        one_module_writes_bookings,
        {"bookings.service": "from bookings.models import BookingEvent", "bookings.models": ""},
        "bookings.service knows BookingEvent",
    ),
    (imports_stand_at_the_top, {"gigs.queries": "def page():\n    import json\n"}, "gigs.queries, line 2"),
    (
        imports_stand_at_the_top,
        {"gigs.queries": "try:\n    import json\nexcept ImportError: ..."},
        "gigs.queries, line 2",
    ),
    (
        there_is_no_cycle,
        {"gigs.a": "import gigs.b", "gigs.b": "from gigs import c", "gigs.c": "from gigs.a import x", "gigs": ""},
        "These import each other in a circle: gigs.a → gigs.b → gigs.c → gigs.a",
    ),
    (docstrings_begin_with_one_short_sentence, {"server.front": '"""One; two."""'}, "server.front: begin"),
    (docstrings_begin_with_one_short_sentence, {"server.front": '"""One. Two."""'}, "server.front: begin"),
    (
        docstrings_begin_with_one_short_sentence,
        {"server.front": f'def run(): """{"Run and run" * 10}."""'},
        "server.front.run: begin",
    ),
    (files_and_functions_are_short, {"gigs.queries": "\n" * 301}, "gigs.queries has 301 lines"),
    (files_and_functions_are_short, {"gigs.queries": "def page():\n" + "    1\n" * 60}, "gigs.queries.page has 61"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))


@pytest.fixture(scope="module")
def product() -> Modules:
    modules = read_product(ROOT)
    assert {"app", "caching.reads", "bookings.service"} <= modules.keys()
    return modules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_to(rule: Rule, product: Modules) -> None:
    found = list(rule(product))

    assert not found, "\n".join(found)


@pytest.mark.parametrize(("rule", "sources", "beginning"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_violation_is_found(rule: Rule, sources: dict[str, str], beginning: str) -> None:
    assert any(found.startswith(beginning) for found in rule(parse(sources)))


def _level(module: Module) -> int:
    """The line that a module stands in: its package's, but for modules that other programs begin with."""
    return LEVEL.get(module.name, LEVEL[module.package])


def _is_short_sentence(text: str) -> bool:
    """Whether a docstring's first line is one sentence and a short one; abbreviations such as "e.g." are not used."""
    first = text.partition("\n")[0]
    return len(first) <= LONGEST_SUMMARY and ";" not in first and not re.search(r"[.?!] \S", first)


def _is_leaf(module: Module) -> bool:
    return module.room.rpartition(".")[2] in LEAVES and module.package in FEATURES


def _speaks_http(module: Module) -> bool:
    room = module.room.rpartition(".")[2]
    return (_is_leaf(module) and room != "jobs") or room == "forms" or module.name in HTTP_ROOMS
