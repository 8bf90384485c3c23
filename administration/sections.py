"""The sections under /admin, as one table: the navigation and the overview are made of it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.rights import Right, may


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation.

    `endpoint` is its first page. The other pages of that endpoint's blueprint belong to the section, too.
    """

    endpoint: str
    label: str
    about: str
    # Who has it not does not see the entry. The page itself asks again.
    right: Right = Right.SCHOOL

    @property
    def blueprint(self) -> str:
        """Name the blueprint of its pages."""
        return self.endpoint.partition(".")[0]


SECTIONS: tuple[Section, ...] = (
    Section("admin_lesson_pages.listed", "Lessons", "All lessons of the school: answer, move or cancel them."),
    Section("all_gigs_pages.overview", "Gigs", "Everything that is offered: recommend it, or archive it."),
    Section("people_pages.listed", "People", "All accounts: find somebody, see what they have, help them to sign in."),
    Section(
        "admin_teaching_pages.overview", "Teachers", "Who teaches here: approve those who ask, or let somebody stop."
    ),
    Section("admin_invitation_pages.overview", "Invitations", "Invite somebody by mail, and see who has not answered."),
    Section("student_pages.mine", "Students", "Everybody who takes lessons, and how things stand with them."),
    Section(
        "admin_application_pages.listed_applications",
        "Applications",
        "Who asks for a place in a course: answer them.",
    ),
    Section("course_pages.mine", "Courses", "Courses that are under way, and what is to be done for them."),
    Section(
        "admin_payment_pages.listed_payments",
        "Payments",
        "Payments that wait for a check, and all others.",
    ),
    Section("moderation_pages.overview", "Reviews", "What students say of their teachers: hide what must not stand."),
    Section("import_pages.choose", "Import", "People and gigs from a list that you have elsewhere."),
    Section("holiday_pages.overview", "Holidays", "Days on which the school is closed, and what was booked for them."),
    Section(
        "school_pages.show", "The school", "Name, colour, links, and who can make an account and teach.", Right.SETTINGS
    ),
    Section("webhook_pages.overview", "Webhooks", "Other programs that are told what happens."),
    Section("mail_pages.overview", "Mails", "The newest mails: to whom, about what, and which came back."),
    Section("job_pages.overview", "Background", "Work that was given up, and what waits: have it tried again."),
    Section("audit_pages.show", "Audit log", "What was done for the school, by whom, and when.", Right.AUDIT),
    Section("cache_pages.show", "The cache", "How quickly lists are answered, and what to do if they are not."),
)


def sections_for(role: str) -> list[Section]:
    """Name the sections that users with this role have."""
    return [section for section in SECTIONS if may(role, section.right)]
