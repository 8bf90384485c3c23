"""What the provider of payments by card says is nobody's doing: both people are told, in words that name no one."""

from __future__ import annotations

from payments.checkout.models import NoticeKind
from tests.notifications.telling.by_card import by_card
from tests.notifications.telling.conftest import School
from tests.notifications.telling.scenes_of_packages import sold


def told(school: School) -> dict[int, list[str]]:
    """What the student and the teacher read, the earliest first."""
    school.post.deliver()
    found: dict[int, list[str]] = {school.student.id: [], school.teacher.id: []}
    for row in school.post.rows():
        found[row.user_id].append(row.title)
    mails = [str(mail.get_body(("plain",))) for mail in school.post.inbox.received]
    assert len(mails) == 4
    assert not [mail for mail in mails if "writes" in mail or "None" in mail]
    return found


def test_both_are_told_of_a_lesson_that_is_paid_and_given_back_by_card(school: School) -> None:
    lesson = school.accepted()["id"]
    school.post.forget()

    by_card(school, 3000, (NoticeKind.PAID, 3000), (NoticeKind.REFUNDED, 1000), booking_id=lesson)

    words = ["€30 came by card for a lesson.", "€10 went back to the card."]
    assert told(school) == {school.student.id: words, school.teacher.id: words}


def test_both_are_told_of_a_package_that_is_paid_and_given_back_by_card(school: School) -> None:
    package = int(sold(school).rpartition("/")[2])
    school.post.forget()

    by_card(school, 9000, (NoticeKind.PAID, 9000), (NoticeKind.REFUNDED, 3600), package_id=package)

    words = ["€90 came by card for 5 lessons.", "€36 for a package went back to the card."]
    assert told(school) == {school.student.id: words, school.teacher.id: words}
