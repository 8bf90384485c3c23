"""What lists of courses cost: SQL statements and Redis commands."""

from __future__ import annotations

import pytest

from caching import cache
from enrolment.statuses import TaskStatus
from enrolment.tasks.queries import TasksQuery, list_for
from support.monitor import monitor
from support.queries import WITHOUT_INDEX, count_queries, plan_of, recorded_queries
from support.servers import RedisServer
from tests.support.world import Person, World

pytestmark = pytest.mark.middleware_not_compared

LISTS = (
    "/api/applications?status=pending",
    "/api/gigs/{course}/applications",
    "/api/assignments?status=active",
    "/api/assignments/{assignment}/submissions",
    "/api/users/me/work-history",
    "/api/tasks?status=open",
    "/api/tasks?assignment_id={assignment}&order=-due_at",
    "/api/tasks?due_before=2027-01-01T00:00:00Z",
    "/api/tasks/{task}/submissions",
)


@pytest.fixture
def teacher(world: World) -> Person:
    """Who teaches a running course: the first gig, assignment and task there are."""
    return world.teacher()


@pytest.fixture
def course(world: World, teacher: Person) -> dict[str, int]:
    return world.running_course(world.student(), teacher)


def test_a_hit_is_one_redis_command_and_a_miss_few_of_each(
    teacher: Person, course: dict[str, int], redis_server: RedisServer
) -> None:
    # Whose gig it is that has applications is read from the gig, which is often cached.
    assert teacher.get(f"/api/gigs/{course['course']}").status_code == 200
    for path in (path.format(**course) for path in LISTS):
        with count_queries() as missed, monitor(redis_server) as commands_of_miss:
            first = teacher.get(path)
        with count_queries() as hit, monitor(redis_server) as commands_of_hit:
            second = teacher.get(path)

        assert (first.status_code, first.json["cached"], second.json["cached"]) == (200, False, True), path
        assert (len(missed) <= 3, len(commands_of_miss) <= 4) == (True, True), (path, missed, commands_of_miss)
        assert (hit, [command.split()[0] for command in commands_of_hit]) == ([], ["MGET"]), path


@pytest.mark.parametrize("of", ["assignments/{assignment}", "tasks/{task}"])
def test_what_was_handed_in_costs_three_statements_when_nothing_is_cached(
    world: World, teacher: Person, course: dict[str, int], of: str
) -> None:
    # Who asks, and whether they may, has to be read as well.
    with world.app.app_context():
        assert cache.clear()

    with count_queries() as missed:
        found = teacher.get(f"/api/{of.format(**course)}/submissions")

    assert (len(found.json["data"]), found.json["cached"]) == (2, False)
    assert len(missed) <= 3, missed


def test_a_rename_makes_no_more_old_with_many_tasks(
    world: World, teacher: Person, course: dict[str, int], redis_server: RedisServer
) -> None:
    def cost(name: str) -> int:
        with monitor(redis_server) as commands:
            assert teacher.patch("/api/users/me", {"name": name}).status_code == 200
        return len(commands)

    with_two_tasks = cost("Grace Hopper")
    for _ in range(20):
        world.task(teacher, course["assignment"])

    assert cost("Grace Murray") == with_two_tasks


def test_each_list_is_read_through_an_index(world: World, teacher: Person, course: dict[str, int]) -> None:
    for path in (path.format(**course) for path in (*LISTS, "/api/tasks?status=overdue")):
        with recorded_queries() as asked:
            assert teacher.get(path).status_code == 200

        pages = [query for query in asked if " LIMIT " in query.statement and "FROM users" not in query.statement]
        assert pages, path
        for page in pages:
            plan = plan_of(world.app, page, avoid=WITHOUT_INDEX)
            for table in ("applications", "assignments", "tasks", "submissions"):
                assert f"Seq Scan on {table}" not in plan, (path, plan)
                assert f"SCAN {table}" not in plan or "USING" in plan, (path, plan)


def test_a_longer_page_costs_no_more_statements(world: World, teacher: Person, course: dict[str, int]) -> None:
    for _ in range(5):
        world.task(teacher, course["assignment"])

    costs = []
    for limit in (1, 5):
        with count_queries() as statements:
            assert len(teacher.get(f"/api/tasks?limit={limit}").json["data"]) == limit
        costs.append(len(statements))

    assert costs[0] == costs[1]


def test_what_is_done_is_kept_for_an_hour_and_what_is_to_be_done_for_five_minutes() -> None:
    kept = {status: list_for(1, "student", TasksQuery(statuses=(status,))).family.ttl for status in TaskStatus}

    assert kept == {
        TaskStatus.OPEN: 300,
        TaskStatus.SUBMITTED: 300,
        TaskStatus.REVISION_REQUESTED: 300,
        TaskStatus.APPROVED: 3600,
    }
