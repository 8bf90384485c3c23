"""The whole table of what is cached, and of what makes it old. Who changes it here changes docs/caching.md, too."""

from __future__ import annotations

import re

import pytest

import tags
from caching import TagKind, cache
from config import ROOT
from tests.support.world import World

# Family, life time in seconds (None: the setting CACHE_TTL), the tag that makes it old, the query.
FAMILIES = [
    ("absences", None, "user:teacher_id slots", "schedule.queries.absences"),
    ("analytics", 86400, "site applications", "reports.analytics.queries.applications_by_period"),
    ("analytics", 86400, "site all-gigs", "reports.analytics.queries.gigs_by_period"),
    ("analytics", 86400, "site bookings", "reports.analytics.queries.lessons_by_period"),
    ("analytics", 86400, "site bookings", "reports.analytics.queries.retention_by_period"),
    ("analytics", 86400, "site bookings", "reports.analytics.queries.revenue_by_period"),
    ("analytics", 86400, "site users", "reports.analytics.queries.users_by_period"),
    ("application", 3600, "site applications", "enrolment.applications.queries.any_application"),
    ("application", 3600, "user:user_id applications", "enrolment.applications.queries.application"),
    ("applications", 600, "site applications", "enrolment.applications.queries.all_applications_page"),
    ("applications", 600, "user:user_id applications", "enrolment.applications.queries.applications_page"),
    ("applications", 600, "gig:gig_id applications", "enrolment.applications.queries.gig_applications_page"),
    ("assignment", 3600, "site assignments", "enrolment.assignments.queries.any_assignment"),
    ("assignment", 3600, "user:user_id assignments", "enrolment.assignments.queries.assignment"),
    ("assignments", 600, "site assignments", "enrolment.assignments.queries.all_assignments_page"),
    ("assignments", 600, "user:user_id assignments", "enrolment.assignments.queries.assignments_page"),
    ("balance", 600, "site bookings", "payments.queries.any_balance"),
    ("balance", 600, "user:user_id bookings", "payments.queries.balance"),
    ("balances", 600, "user:user_id bookings", "payments.queries.balances"),
    ("billable", 600, "user:teacher_id bookings", "payments.invoices.queries.billable"),
    ("blocks", None, "user:teacher_id slots", "schedule.blocks.queries.blocks_in"),
    ("bookings", None, "site bookings", "bookings.my_lessons.queries.all_lessons_page"),
    ("bookings", None, "user:user_id bookings", "bookings.my_lessons.queries.lessons_page"),
    ("bookings", None, "site bookings", "bookings.my_lessons.queries.stuck_requests"),
    ("bookings", None, "user:user_id bookings", "bookings.my_lessons.queries.to_do"),
    ("bookings", None, "site bookings", "bookings.my_lessons.times.times_in_school"),
    ("bookings", None, "user:teacher_id bookings", "bookings.my_lessons.times.times_of_teacher"),
    ("bookings", None, "site bookings", "bookings.queries.all_bookings_page"),
    ("bookings", None, "user:user_id bookings", "bookings.queries.bookings_page"),
    ("calendar", 3600, "user:user_id bookings", "calendars.queries.feed_file"),
    ("calendar-owner", 1800, "user:user_id viewer", "calendars.queries.feed_owner"),
    ("categories", 86400, "site gigs", "gigs.queries.categories"),
    ("daily-statistics", 21600, "site applications", "reports.daily.queries.applications_on"),
    ("daily-statistics", 21600, "site all-gigs", "reports.daily.queries.gigs_on"),
    ("daily-statistics", 21600, "site bookings", "reports.daily.queries.lessons_on"),
    ("daily-statistics", 21600, "site users", "reports.daily.queries.users_on"),
    ("dashboard", 300, "site applications", "reports.dashboard.queries.applications_of_school"),
    ("dashboard", 300, "user:teacher_id applications", "reports.dashboard.queries.applications_to_answer"),
    ("dashboard", 300, "site bookings", "reports.dashboard.queries.lessons_of_school"),
    ("dashboard", 300, "site users", "reports.dashboard.queries.newcomers"),
    ("dashboard", 300, "site bookings", "reports.dashboard.queries.overlooked"),
    ("dashboard", 300, "user:user_id bookings", "reports.dashboard.queries.own_lessons"),
    ("dashboard", 300, "user:user_id tasks", "reports.dashboard.queries.own_tasks"),
    ("dashboard", 300, "user:teacher_id bookings", "reports.dashboard.queries.payments_to_check"),
    ("dashboard", 300, "user:teacher_id reviews", "reports.dashboard.queries.unread_reviews"),
    ("draft-autosave", 1800, "user:teacher_id drafts", "gigs.drafts.queries.autosave"),
    ("featured", 600, "site gigs", "gigs.discovery.queries.featured"),
    ("gig", 3600, "gig:gig_id gig", "gigs.queries.gig"),
    ("gig-stats", 900, "user:teacher_id bookings", "bookings.statistics.queries.lessons_of_gig"),
    ("gig-views", 900, "gig:gig_id views", "gigs.traces.queries.views_by_day"),
    ("gigs", 300, "site gigs", "gigs.search.near.words_alike"),
    ("gigs", 300, "site gigs", "gigs.search.queries.gigs_page"),
    ("gigs", 300, "site gigs", "gigs.search.queries.number_of_gigs"),
    ("holidays", 86400, "site holidays", "schedule.holidays.queries.holidays"),
    ("income", 900, "site bookings", "payments.income.queries.income_of_school"),
    ("income", 900, "user:teacher_id bookings", "payments.income.queries.income_of_teacher"),
    ("invitations", 600, "user:user_id bookings", "bookings.entering.queries.asked_by"),
    ("invoice", 3600, "site bookings", "payments.invoices.queries.any_invoice"),
    ("invoice", 3600, "user:user_id bookings", "payments.invoices.queries.invoice"),
    ("invoices", 600, "site bookings", "payments.invoices.queries.all_invoices_page"),
    ("invoices", 600, "user:user_id bookings", "payments.invoices.queries.invoices_page"),
    ("leaderboards", 3600, "site bookings", "reports.leaderboards.queries.board"),
    ("leaderboards", 3600, "user:teacher_id bookings", "reports.leaderboards.queries.known_among"),
    ("messages", None, "user:user_id messages", "bookings.messages.queries.messages_page"),
    ("messages-unread", None, "user:user_id messages", "bookings.messages.queries.unread_by_booking"),
    ("my-gigs", 600, "user:teacher_id gigs", "gigs.queries.my_gigs_page"),
    ("notes", None, "user:student_id notes", "students.notes.queries.notes_page"),
    ("notifications", None, "user:user_id notifications", "notifications.queries.notifications_page"),
    ("notifications-unread", None, "user:user_id notifications", "notifications.queries.unread_count"),
    ("owing", 600, "user:user_id bookings", "payments.owing.queries.owing"),
    ("own-places", 600, "user:user_id bookings", "bookings.sessions.queries.own_places"),
    ("package", 3600, "site bookings", "payments.packages.queries.any_package"),
    ("package", 3600, "user:user_id bookings", "payments.packages.queries.package"),
    ("package-offers", 3600, "gig:gig_id gig", "payments.packages.queries.offers"),
    ("packages", 600, "site bookings", "payments.packages.queries.all_packages_page"),
    ("packages", 600, "user:user_id bookings", "payments.packages.queries.packages_page"),
    ("payment", 3600, "site bookings", "payments.queries.any_payment"),
    ("payment", 3600, "user:user_id bookings", "payments.queries.payment"),
    (
        "payment-instructions",
        3600,
        "user:teacher_id payment-instructions",
        "payments.instructions.queries.instructions",
    ),
    ("payments", 600, "site bookings", "payments.queries.all_payments_page"),
    ("payments", 600, "user:user_id bookings", "payments.queries.payments_page"),
    ("performance", 86400, "user:teacher_id bookings", "reports.performance.queries.lessons_of"),
    ("performance", 86400, "user:teacher_id reviews", "reports.performance.queries.ratings_of"),
    ("popular-skills", 3600, "site gigs", "gigs.discovery.queries.popular_skills"),
    ("profile", 3600, "user:user_id profile", "accounts.queries.profile"),
    ("recently-viewed", 600, "user:user_id traces", "gigs.traces.queries.recent_gigs"),
    ("reviews", 1800, "user:student_id reviews-by", "reviews.queries.reviews_by"),
    ("reviews", 1800, "user:teacher_id reviews", "reviews.queries.reviews_of"),
    ("schedule-future", 7200, "user:user_id bookings", "calendars.queries.coming_lessons"),
    ("schedule-hours", 7200, "user:teacher_id slots", "calendars.queries.hours_between"),
    ("schedule-past", 86400, "user:user_id bookings", "calendars.queries.past_lessons"),
    ("schedule-today", 1800, "user:user_id bookings", "calendars.queries.present_lessons"),
    ("schedules", None, "user:teacher_id slots", "schedule.queries.schedules"),
    ("school", 86400, "site school", "school.queries.school"),
    ("search-history", 600, "user:user_id traces", "gigs.traces.queries.search_history"),
    ("sessions", 600, "gig:gig_id sessions", "bookings.sessions.queries.sessions_page"),
    ("similar", 600, "site gigs", "gigs.discovery.queries.similar"),
    ("slots", 600, "user:teacher_id slots", "bookings.slots.first_times.next_free_start"),
    ("slots", 600, "user:teacher_id slots", "bookings.slots.queries.free_starts"),
    ("statement", 600, "user:user_id bookings", "payments.statements.queries.statement"),
    ("students", None, "site bookings", "students.queries.all_students_page"),
    ("students", None, "user:teacher_id bookings", "students.queries.students_page"),
    ("submissions", 600, "site tasks", "enrolment.submissions.queries.any_submissions_page"),
    ("submissions", 600, "site tasks", "enrolment.submissions.queries.any_versions_page"),
    ("submissions", 600, "user:user_id tasks", "enrolment.submissions.queries.submissions_page"),
    ("submissions", 600, "user:user_id tasks", "enrolment.submissions.queries.versions_page"),
    ("talk-people", None, "user:user_id bookings", "bookings.messages.queries.talks"),
    ("task", 3600, "site tasks", "enrolment.tasks.queries.any_task"),
    ("task", 3600, "user:user_id tasks", "enrolment.tasks.queries.task"),
    ("tasks-active", 300, "site tasks", "enrolment.tasks.queries.all_tasks_page"),
    ("tasks-active", 300, "user:user_id tasks", "enrolment.tasks.queries.tasks_page"),
    ("tasks-completed", 3600, "user:user_id tasks", "enrolment.tasks.queries.approved_tasks_page"),
    ("teachers", 600, "site teachers", "gigs.directory.queries.teachers_page"),
    ("teaches", None, "user:teacher_id bookings", "students.queries.teaches"),
    ("teaching", 3600, "site teaching", "accounts.teaching.queries.asking"),
    ("teaching", 3600, "user:user_id teaching", "accounts.teaching.queries.standing"),
    ("user-stats", 900, "user:user_id bookings", "bookings.my_lessons.queries.booking_counts"),
    ("user-stats", 900, "user:user_id bookings", "bookings.my_lessons.queries.overview"),
    ("user-stats", 900, "user:user_id bookings", "bookings.my_lessons.queries.waiting_count"),
    ("user-stats", 900, "user:user_id bookings", "bookings.statistics.queries.figures"),
    ("users", 300, "site users", "accounts.queries.users_page"),
    ("viewer", 1800, "user:user_id viewer", "accounts.queries.viewer_record"),
    ("waitlist", None, "user:student_id waitlist", "bookings.standing.queries.wishes"),
    ("waitlist", None, "user:student_id waitlist", "bookings.waitlist.queries.waitlist_page"),
    ("work-history", 600, "user:user_id assignments", "enrolment.assignments.queries.work_history"),
]

TAGS = {
    "viewer": ("user", "viewer"),
    "profile": ("user", "profile"),
    "users": ("site", "users"),
    "teachers": ("site", "teachers"),
    "user_teaching": ("user", "teaching"),
    "all_teaching": ("site", "teaching"),
    "gig": ("gig", "gig"),
    "school": ("site", "school"),
    "holidays": ("site", "holidays"),
    "public_gigs": ("site", "gigs"),
    "all_gigs": ("site", "all-gigs"),
    "user_gigs": ("user", "gigs"),
    "gig_views": ("gig", "views"),
    "user_traces": ("user", "traces"),
    "user_drafts": ("user", "drafts"),
    "gig_sessions": ("gig", "sessions"),
    "user_bookings": ("user", "bookings"),
    "all_bookings": ("site", "bookings"),
    "user_waitlist": ("user", "waitlist"),
    "user_messages": ("user", "messages"),
    "payment_instructions": ("user", "payment-instructions"),
    "student_notes": ("user", "notes"),
    "teacher_slots": ("user", "slots"),
    "teacher_reviews": ("user", "reviews"),
    "student_reviews": ("user", "reviews-by"),
    "user_applications": ("user", "applications"),
    "gig_applications": ("gig", "applications"),
    "all_applications": ("site", "applications"),
    "user_assignments": ("user", "assignments"),
    "all_assignments": ("site", "assignments"),
    "user_tasks": ("user", "tasks"),
    "all_tasks": ("site", "tasks"),
    "user_notifications": ("user", "notifications"),
}

# The life times that operators and users were promised.
PROMISED = {
    "gigs": 300,
    "gig": 3600,
    "my-gigs": 600,
    "categories": 86400,
    "user-stats": 900,
    "profile": 3600,
    "users": 300,
    "teachers": 600,
    "reviews": 1800,
    "viewer": 1800,
    "applications": 600,
    "application": 3600,
    "assignments": 600,
    "payments": 600,
    "payment": 3600,
    "balance": 600,
    "invoices": 600,
    "invoice": 3600,
    "assignment": 3600,
    "submissions": 600,
    "tasks-active": 300,
    "tasks-completed": 3600,
    "schedule-today": 1800,
    "schedule-future": 7200,
    "schedule-past": 86400,
}


def test_these_reads_are_cached() -> None:
    declared = [
        (family.name, family.ttl, f"{_owner(family.tag, family.by)} {family.tag.name}", family.query)
        for family in cache.families
    ]

    assert declared == FAMILIES


def test_these_tags_exist() -> None:
    found = {name: (kind.owner_kind, kind.name) for name, kind in vars(tags).items() if isinstance(kind, TagKind)}

    assert found == TAGS


def test_every_tag_makes_something_old() -> None:
    used = {family.tag for family in cache.families}

    assert {name for name in TAGS if getattr(tags, name) not in used} == set()


def test_no_two_tags_of_one_owner_are_called_alike() -> None:
    assert len(set(TAGS.values())) == len(TAGS)


def test_life_times_are_as_promised() -> None:
    declared = {(family.name, family.ttl) for family in cache.families}

    assert set(PROMISED.items()) <= declared
    # The lists of bookings name none: they live as long as CACHE_TTL says.
    assert ("bookings", None) in declared


def test_a_tag_is_one_site_or_one_owner() -> None:
    for family in cache.families:
        assert (family.tag.owner_kind == "site") == (family.by is None), family.query


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_operators_command_prints_the_table(world: World) -> None:
    printed = world.app.test_cli_runner().invoke(args=["cache", "families"]).output.splitlines()

    head, *rows = [line.split() for line in printed]
    assert head == ["family", "TTL", "s", "tag", "query"]
    assert rows == [[name, str(ttl or 600), *tag.split(), query] for name, ttl, tag, query in FAMILIES]


def test_the_documentation_shows_the_table() -> None:
    text = (ROOT / "docs" / "caching.md").read_text()

    shown = re.findall(r"^\| `(.+)` \| (\d+|`CACHE_TTL`) \| `(.+)` \| `(.+)` \|$", text, re.MULTILINE)
    assert shown == [(name, str(ttl or "`CACHE_TTL`"), tag, query) for name, ttl, tag, query in FAMILIES]


def _owner(kind: TagKind, by: str | None) -> str:
    return f"{kind.owner_kind}:{by}" if by else kind.owner_kind


def test_no_two_cached_reads_share_a_query() -> None:
    assert len({family.query for family in cache.families}) == len(cache.families)
