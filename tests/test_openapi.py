"""The OpenAPI document tells the truth: it is valid and whole, and every answer is as it says, whatever is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from caching import warming
from tests.support.scene import Asker, Scene, with_token
from tests.support.world import World

# Who asks for the operations of which tag.
ASKERS = {
    "auth": ["nobody"],
    "mail": ["anna", "nobody"],
    "notifications": ["anna", "nobody"],
    "live": ["anna", "nobody"],
    "people": ["anna", "grace", "nobody"],
    "two_factor": ["anna", "nobody"],
    "school": ["admin", "grace"],
    "holidays": ["admin", "grace"],
    "teaching": ["grace", "anna"],
    "admin_teaching": ["admin", "grace"],
    "admin_invitations": ["admin", "grace"],
    "joining": ["nobody"],
    "importing": ["admin", "grace"],
    "gigs": ["anna", "grace", "nobody"],
    "drafts": ["grace"],
    "discovery": ["admin", "nobody"],
    "traces": ["anna"],
    "statistics": ["grace"],
    "directory": ["nobody"],
    "schedule": ["grace", "nobody"],
    "blocks": ["grace", "nobody"],
    "bookings": ["anna", "grace", "nobody"],
    "series": ["anna", "grace"],
    "many": ["grace"],
    "sessions": ["grace", "nobody"],
    "messages": ["anna", "grace"],
    "students": ["anna", "grace"],
    "notes": ["anna", "grace"],
    "calendars": ["grace", "nobody"],
    "wishes": ["anna"],
    "waitlist": ["anna", "grace", "nobody"],
    "reviews": ["anna", "grace", "nobody"],
    "invitations": ["grace", "nobody"],
    "applications": ["anna", "grace"],
    "assignments": ["anna", "grace"],
    "tasks": ["anna", "grace"],
    "submissions": ["anna", "grace"],
    "payments": ["anna", "grace"],
    "owing": ["anna", "grace"],
    "packages": ["anna", "grace"],
    "paying": ["anna", "grace"],
    "income": ["grace", "admin"],
    "performance": ["grace", "admin"],
    "dashboard": ["anna", "grace", "admin"],
    "leaderboards": ["anna", "admin"],
    "analytics": ["grace", "admin"],
    "daily": ["grace", "admin"],
    "invoices": ["anna", "grace"],
    "proofs": ["anna", "grace"],
    "bank": ["grace"],
    "statements": ["anna", "grace"],
    "checkouts": ["anna", "grace"],
    "audit": ["admin", "grace"],
    "admin_people": ["admin", "grace"],
    "cache": ["admin", "grace"],
    "jobs": ["office", "grace"],
    "mails": ["office", "grace"],
    "events": ["admin", "grace"],
    "webhooks": ["admin", "grace"],
    "busy": ["grace"],
}
EXAMPLES = 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
METHODS = ("get", "post", "put", "patch", "delete")
# What looks at nobody's sign-in.
PUBLIC = {
    "/api/auth/register",
    "/api/auth/login",
    "/api/auth/refresh",
    "/api/auth/password-reset",
    "/api/auth/password-reset/confirm",
    "/api/auth/confirm-email",
    "/api/auth/accept-invitation",
    "/api/calendar.ics",
}
OPERATIONS = {
    *("list_jobs", "retry_job", "retry_dead_jobs", "list_mails"),
    *("request_password_reset", "reset_password", "confirm_email", "resend_confirmation"),
    *("register_account", "log_in", "refresh_tokens", "log_out", "show_me", "change_me", "show_user", "list_users"),
    *("list_teachers", "list_gigs", "create_gig", "list_my_gigs", "list_categories", "show_gig", "edit_gig"),
    *("archive_gig", "set_gig_status", "set_gig_visibility", "show_availability", "replace_availability"),
    *("list_schedules", "create_schedule", "show_own_schedule", "replace_schedule", "delete_schedule"),
    *("list_blocks", "create_block", "delete_block"),
    *("list_sessions", "create_sessions", "show_session", "change_session"),
    *("list_bookings", "create_booking", "show_booking", "change_booking", "show_booking_history"),
    *("show_cancellation_costs", "list_slots", "list_reviews", "write_review", "list_reviews_by", "answer_review"),
    *("list_wishes", "make_wish", "leave_wish"),
    *("book_series", "preview_series", "change_series", "list_waitlist_entries", "join_waitlist", "leave_waitlist"),
    *(
        "request_password_reset",
        "reset_password",
        "confirm_email",
        "resend_confirmation",
        "accept_place",
        "decline_place",
        "count_waiting",
        "show_schedule",
        "open_calendar_feed",
        "close_calendar_feed",
    ),
    *("list_students", "show_student"),
    *("list_notes", "list_shared_notes", "write_note", "change_note", "delete_note"),
    *("list_messages", "write_message", "read_messages"),
    *("show_calendar_feed", "show_lesson_file", "show_cache_health", "show_cache_metrics", "warm_cache"),
}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scene(world: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(warming, "start", lambda _: {"state": "running", "strategies": []})
    scene = Scene(world)
    scene.series()
    for _ in range(2):
        scene.pending()
        scene.review()
        scene.gig("draft")
    return scene


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    document: dict[str, Any] = world.anyone.get("/api/openapi.json").json
    return document


@pytest.mark.parametrize("tag", ASKERS)
@pytest.mark.parametrize("mode", GenerationMode)
def test_answers_are_as_the_document_says(scene: Scene, tag: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", scene.app)
    askers = [with_token(scene, actor) for actor in ASKERS[tag]]
    for operation in _operations(schema, tag):
        if mode.is_positive or _can_be_negated(operation):
            _fuzz(operation, askers, mode, schema.raw_schema)


def _fuzz(operation: APIOperation, askers: list[Asker], mode: GenerationMode, document: dict[str, Any]) -> None:
    """Let everybody ask the same, because to think of a request costs more than to answer it."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), number=st.none() | st.integers(1, 8))
    def ask(case: Case, number: int | None) -> None:
        # A generated number is seldom anything's id; these are the first things of the scene.
        if number and mode.is_positive:
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, number)
        for asker in askers:
            answer = case.call(headers=asker.headers)
            refused = answer.status_code >= 400
            case.validate_response(
                answer, checks=CHECKS if mode.is_positive or refused else [*CHECKS, negative_data_rejection]
            )
            if refused:
                _expect_named(document, operation, answer.json())
                assert answer.json()["status"] == answer.status_code

    ask()


def _expect_named(document: dict[str, Any], operation: APIOperation, problem: dict[str, Any]) -> None:
    """The document says of each operation with which problems it answers, not only that there may be some."""
    described = document["paths"][operation.path][operation.method]
    answer = _answers(document, described).get(str(problem["status"]), {})
    assert problem["type"].removeprefix("/problems/") in _examples(answer), (operation.label, problem)


def test_every_path_answers_other_methods_with_405(scene: Scene, document: dict[str, Any]) -> None:
    asker = with_token(scene, "admin")
    for path, operations in document["paths"].items():
        offered = {method.upper() for method in operations if method in METHODS}
        for method in {method.upper() for method in METHODS} - offered:
            answer = asker.ask(method, _with_id(path))

            # Another rule may have the same path with another kind of last part, such as /api/gigs/mine.
            allow = set(answer.headers.get("Allow", "").split(", ")) - {"HEAD", "OPTIONS"}
            assert (method, path, answer.status_code, allow) == (method, path, 405, offered)
            assert answer.json["type"] == "/problems/method-not-allowed"


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    # The reader of schemathesis validates the whole document against the standard's own schema.
    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_the_document_describes_every_operation_of_the_api(world: World, document: dict[str, Any]) -> None:
    described = {(method.upper(), _shape(path)) for method, path, _ in _all(document)}
    existing = {
        (method, _shape(str(rule)))
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if str(rule).startswith("/api/") and str(rule) not in ("/api/openapi.json", "/api/docs")
    }

    assert described == existing
    assert {tag for _, _, operation in _all(document) for tag in operation["tags"]} == set(ASKERS)


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    for method, path, operation in _all(document):
        name = f"{method} {path}"
        assert operation.get("summary", "").endswith("."), name
        assert "security" in operation, name
        assert operation["description"].endswith("."), name
        assert set(operation["responses"]) - {"default"}, name
        for code, answer in _answers(document, operation).items():
            if code[0] not in "23":
                problem = answer["content"]["application/problem+json"]["schema"]
                assert problem == {"$ref": "#/components/schemas/Problem"}, name


def test_generated_clients_call_operations_by_names_that_stay(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _all(document)]

    assert len(set(names)) == len(names)
    # A verb and what it is done to; a name that goes or changes breaks every generated client.
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names)
    assert set(names) >= OPERATIONS


def test_it_says_where_it_holds_who_answers_for_it_and_what_its_parts_are(document: dict[str, Any]) -> None:
    assert [server["url"] for server in document["servers"]] == ["/"]
    assert document["info"]["contact"]["name"]
    assert {"name", "identifier"} <= set(document["info"]["license"])
    assert all(tag["description"] for tag in document["tags"])


def test_each_operation_names_the_problems_that_come_of_what_it_takes(document: dict[str, Any]) -> None:
    for method, path, operation in _all(document):
        expected = {"400", "422"}
        expected |= {"413", "415"} if "requestBody" in operation else set()
        expected |= {"401"} if operation["security"] else set()
        expected |= {"403", "409"} if operation["security"] and method != "get" else set()
        expected |= {"404"} if "{" in path else set()
        expected |= {"409"} if "/problems/slot-taken" in json.dumps(_answers(document, operation)) else set()

        assert expected <= set(operation["responses"]), f"{method} {path}"


def test_problems_have_examples_and_the_headers_that_tell_what_to_do(document: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    seen = set()
    for method, path, operation in _all(document):
        for code, answer in _answers(document, operation).items():
            for name, example in _examples(answer).items():
                jsonschema_rs.validate(problem, example["value"])
                assert example["value"]["type"] == f"/problems/{name}"
                assert example["value"]["status"] == int(code), f"{method} {path}"
            seen |= {(code, header) for header in answer.get("headers", {})}

    assert {("401", "WWW-Authenticate"), ("429", "Retry-After"), ("201", "Idempotency-Replayed")} <= seen
    assert {("304", "ETag"), ("200", "ETag"), ("200", "X-Cache")} <= seen


def test_a_change_by_cookie_says_that_it_needs_a_token(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert (schemes["csrf"]["in"], schemes["csrf"]["name"]) == ("header", "X-CSRF-Token")
    for method, path, operation in _all(document):
        by_cookie = [set(schemes) for schemes in operation["security"] if "session" in schemes]
        expected = {"session"} if method == "get" else {"session", "csrf"}
        assert by_cookie in ([], [expected]), f"{method} {path}"


def test_times_of_the_clock_and_what_can_only_be_true_are_told_by_the_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    window = schemas["WeeklyWindow"]["properties"]

    assert schemas["AnswerReview"]["properties"]["read"]["const"] is True
    for text, start, end in (
        ("09:00", True, True),
        ("24:00", False, True),
        ("9:00", False, False),
        ("24:01", False, False),
    ):
        assert bool(re.search(window["start"]["pattern"], text)) is start
        assert bool(re.search(window["end"]["pattern"], text)) is end
    assert schemas["Exception"]["properties"]["date"]["format"] == "date"


def test_security_says_who_has_to_sign_in(scene: Scene, document: dict[str, Any]) -> None:
    for method, path, operation in _all(document):
        optional = {} in operation["security"] or operation["security"] == []
        answer = scene.world.anyone.open(_with_id(path), method=method.upper(), json={})

        assert (method, path, answer.status_code == 401) == (method, path, not optional)
        assert (operation["security"] == []) == (path in PUBLIC), path


def test_everything_in_a_path_is_bounded(document: dict[str, Any]) -> None:
    parameters = [
        parameter
        for operations in document["paths"].values()
        for parameter in operations.get("parameters", [])
        if parameter["in"] == "path"
    ]

    assert parameters
    for parameter in parameters:
        assert parameter["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}


def test_no_parameter_of_a_query_can_be_null(document: dict[str, Any]) -> None:
    for method, path, operation in _all(document):
        for parameter in operation.get("parameters", []):
            assert "null" not in json.dumps(parameter["schema"]), f"{method} {path} {parameter['name']}"


def test_lists_say_how_they_are_paged(document: dict[str, Any]) -> None:
    for path in ("/api/bookings", "/api/gigs", "/api/gigs/mine", "/api/users", "/api/teachers", "/api/reviews"):
        parameters = {row["name"]: row["schema"] for row in document["paths"][path]["get"]["parameters"]}

        assert (parameters["limit"]["minimum"], parameters["limit"]["maximum"]) == (1, 100)
        assert parameters["limit"]["default"] == 20
        assert "cursor" in parameters


def test_what_creates_says_that_it_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for path in ("/api/bookings", "/api/gigs", "/api/reviews"):
        headers = [row for row in document["paths"][path]["post"]["parameters"] if row["in"] == "header"]

        assert [(row["name"], row["required"]) for row in headers] == [("Idempotency-Key", False)]


def test_every_json_body_has_an_example_that_its_schema_accepts(document: dict[str, Any]) -> None:
    for method, path, operation in _all(document):
        content = operation.get("requestBody", {}).get("content", {})
        # Files have none.
        for media in (media for kind, media in content.items() if kind == "application/json"):
            schema = media["schema"] | {"components": document["components"]}
            assert "example" in media, f"{method} {path}"
            jsonschema_rs.validate(schema, media["example"])


def test_an_example_of_a_booking_can_be_sent_as_it_is(scene: Scene, document: dict[str, Any]) -> None:
    content = document["paths"]["/api/bookings"]["post"]["requestBody"]["content"]["application/json"]

    answer = scene.anna.post("/api/bookings", content["example"])

    assert answer.status_code == 201, answer.text


def test_nothing_in_the_document_is_left_over(document: dict[str, Any]) -> None:
    text = json.dumps(document)

    for kind in ("schemas", "responses", "headers"):
        unused = [name for name in document["components"][kind] if f'"#/components/{kind}/{name}"' not in text]
        assert unused == [], kind


def _operations(schema: BaseSchema, tag: str) -> Iterator[APIOperation]:
    for result in schema.get_all_operations():
        operation = result.ok()
        if tag in operation.tags:
            yield operation


def _can_be_negated(operation: APIOperation) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters)


def _all(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                yield method, path, operation


def _answers(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The answers of an operation by status, references resolved."""
    shared = document["components"]["responses"]
    answers = operation["responses"].items()
    return {code: shared[it["$ref"].rpartition("/")[2]] if "$ref" in it else it for code, it in answers}


def _examples(answer: dict[str, Any]) -> dict[str, Any]:
    examples: dict[str, Any] = answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
    return examples


def _with_id(path: str) -> str:
    return _shape(path).replace("*", "1")


def _shape(path: str) -> str:
    """A path without the names of its parameters, in whichever of the two ways they are written."""
    return "/".join("*" if part.startswith(("{", "<")) else part for part in path.split("/"))
