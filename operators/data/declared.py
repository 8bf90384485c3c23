"""The table of all columns: what becomes of each when a person's data is erased.

A test fails for a column that does not stand here. A person's full name and address are also taken out of all other
texts, whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping

from operators.data.rules import (
    ADDRESS,
    EMPTY,
    FACTS,
    FOLDED,
    NAME,
    NO,
    NO_LINKS,
    NO_PASSWORD,
    NOTHING,
    REMOVED,
    WORK,
    ZONE,
    Declared,
    Words,
    gone,
    stays,
)

TABLES: Mapping[str, Declared] = {
    "account_tokens": gone("id user_id purpose digest email expires_at", by=("user_id",)),
    "applications": Declared(
        kept=[("id gig_id student_id teacher_id status created_at decided_at", FACTS)],
        texts={
            "message": Words(REMOVED, "student_id"),
            "reason": Words(EMPTY, "student_id", "teacher_id"),
        },
    ),
    "assignments": Declared(
        kept=[("id application_id gig_id student_id teacher_id status rating created_at ended_at", FACTS)],
        texts={
            "reason": Words(EMPTY, "student_id", "teacher_id"),
        },
    ),
    "attempts": stays("id key at counts_until", WORK),
    "audit_entries": stays("id at actor_id role action looked subject_type subject_id before after", FACTS),
    "audit_people": stays("entry_id user_id", FACTS),
    "autosaves": gone("id teacher_id gig_id version fields saved_at", by=("teacher_id",)),
    "blocks": gone("id teacher_id starts_at ends_at note", by=("teacher_id",)),
    "booking_events": Declared(
        kept=[("id booking_id actor_id at from_status to_status what from_starts_at to_starts_at", FACTS)],
        texts={
            "reason": Words(EMPTY, "actor_id", "booking_id>bookings.student_id"),
        },
    ),
    "bookings": Declared(
        kept=[
            (
                "id gig_id student_id teacher_id requested_by status starts_at ends_at seat offered_until "
                "move_starts_at move_ends_at move_seat move_asked_by move_asked_at session_id series_id "
                "price_cents currency free_cancellation_hours late_cancellation_percent fee_since "
                "cancellation_fee_cents entered_at seen_at created_at updated_at",
                FACTS,
            )
        ],
        texts={
            "note": Words(EMPTY, "student_id", "teacher_id"),
        },
    ),
    "busy_calendars": gone(
        "id teacher_id name url created_at looked_at read_at failing_since problem told_at etag "
        "last_modified digest computed_at time_zone covers_until",
        by=("teacher_id",),
    ),
    "busy_times": gone("id teacher_id calendar_id starts_at ends_at", by=("teacher_id",)),
    "cache_alerts": stays("name raised streak value judged_at changed_at", WORK),
    "cache_outbox": stays("id owner name mark created_at", WORK),
    "cache_samples": stays("minute source counted", WORK),
    "cache_state": stays("id installation epoch server previous status changed_at turn", WORK),
    "calendar_tokens": gone("user_id digest created_at", by=("user_id",)),
    "checkout_notices": stays("id checkout_id kind reference amount_cents at", WORK),
    "checkouts": Declared(
        kept=[("id token booking_id package_id amount_cents currency status failures created_at expires_at", FACTS)],
        texts={
            "url": Words(NOTHING, "booking_id>bookings.student_id", "package_id>packages.student_id"),
        },
    ),
    "counted_gigs": stays("gig_id facts category_key category price stars", WORK),
    "credit_notes": Declared(
        kept=[("id booking_id amount_cents actor_id at", FACTS)],
        texts={
            "reason": Words(EMPTY, "actor_id", "booking_id>bookings.student_id"),
        },
    ),
    "credit_uses": stays("id payment_id booking_id amount_cents", FACTS),
    "events": stays("id key type occurred_at data invalidates position", WORK),
    "events_end": stays("id position", WORK),
    "events_exchange": stays("id position", WORK),
    "facet_counts": stays("id chosen chosen_value facet value label number", WORK),
    "featured_gigs": stays("position gig_id", FACTS),
    "gig_documents": stays("gig_id title named summary words", WORK),
    "gig_skills": stays("gig_id position skill skill_key", FACTS),
    "gig_views": stays("id gig_id day viewer", FACTS),
    "gigs": Declared(
        kept=[
            (
                "id teacher_id status visibility enrolment confirmation times title category category_key "
                "price_cents hourly_cents currency duration_minutes capacity places_taken "
                "free_cancellation_hours late_cancellation_percent schedule_id popularity created_at "
                "updated_at",
                FACTS,
            )
        ],
        texts={
            "summary": Words(EMPTY, "teacher_id"),
            "description": Words(REMOVED, "teacher_id"),
            "location": Words(EMPTY, "teacher_id"),
            "search_text": Words(EMPTY, "teacher_id"),
        },
    ),
    "held_times": stays("id booking_id student_id teacher_id gig_id starts_at ends_at seat holder", FACTS),
    "invitations": gone("user_id teacher_id email asked_id declined_at created_at", by=("user_id", "asked_id")),
    "invoice_counters": stays("teacher_id year last", FACTS),
    "invoice_lines": stays(
        "invoice_id position booking_id title starts_at ends_at is_fee amount_cents package_id lessons paid_at", FACTS
    ),
    "invoices": Declared(
        kept=[
            (
                "id teacher_id student_id year number issued_on time_zone currency total_cents paid_cents "
                "line_count corrects_id actor_id created_at",
                FACTS,
            )
        ],
        texts={
            "student_name": Words(NAME, "student_id"),
            "buyer_name": Words(EMPTY, "student_id"),
            "buyer_address": Words(EMPTY, "student_id"),
            "teacher_name": Words(NAME, "teacher_id"),
            "seller_name": Words(NAME, "teacher_id"),
            "seller_address": Words(EMPTY, "teacher_id"),
            "tax_id": Words(EMPTY, "teacher_id"),
            "note": Words(EMPTY, "teacher_id"),
            "reason": Words(EMPTY, "actor_id"),
        },
    ),
    "jobs": stays(
        "id name arguments key state run_at attempts lease_until leased_by cancelled last_error created_at", WORK
    ),
    "kept_answers": gone("id user_id method path key body_hash status answer created_at", by=("user_id",)),
    "listed_gigs": stays("gig_id category_key price stars hourly_cents price_cents title facts", WORK),
    "mails": gone("id key message_id user_id address type subject state reason at", by=("user_id",)),
    "lesson_hours": stays("hour status currency number seconds due_cents", WORK),
    "lesson_months": stays(
        "teacher_id student_id begins currency due_cents submitted_cents paid_cents refunded_cents open_cents "
        "spare_cents",
        WORK,
    ),
    "messages": Declared(
        kept=[("id booking_id author_id recipient_id created_at read_at told_at", FACTS)],
        texts={
            "text": Words(REMOVED, "author_id"),
        },
    ),
    "notes": gone("id student_id author_id text shared created_at updated_at", by=("student_id", "author_id")),
    "notification_settings": gone("user_id mail reminders_minutes digest last_digest_at", by=("user_id",)),
    "notifications": gone("id user_id key type title text path created_at read_at", by=("user_id",)),
    "offered_times": stays("schedule_id from_day begins until_day ends teacher_id is_default", FACTS),
    "package_events": Declared(
        kept=[("id package_id status actor_id at refunded_cents", FACTS)],
        texts={
            "reason": Words(EMPTY, "actor_id", "package_id>packages.student_id"),
        },
    ),
    "package_offers": stays("id gig_id lessons price_cents currency created_at withdrawn_at", FACTS),
    "package_payments": stays("id package_id reference amount_cents needed at", FACTS),
    "package_refunds": Declared(
        kept=[("id package_id payment_id amount_cents actor_id at", FACTS)],
        texts={
            "reason": Words(EMPTY, "actor_id", "package_id>packages.student_id"),
        },
    ),
    "package_units": stays("id package_id number booking_id taken_at released_at", FACTS),
    "packages": stays("id offer_id gig_id student_id teacher_id lessons price_cents currency created_at", FACTS),
    "payment_events": Declared(
        kept=[("id payment_id status actor_id at", FACTS)],
        texts={
            "reason": Words(EMPTY, "actor_id", "payment_id>payments.student_id"),
        },
    ),
    "payment_instructions": gone("teacher_id text account_holder iban bic updated_at", by=("teacher_id",)),
    "payment_proofs": gone("payment_id media_type stored_at content", by=("payment_id>payments.student_id",)),
    "payments": Declared(
        kept=[("id booking_id student_id teacher_id method amount_cents currency created_at", FACTS)],
        texts={
            "reference": Words(EMPTY, "student_id"),
        },
    ),
    "periodic_runs": stays("name due_at lease_until leased_by", WORK),
    "recent_gigs": gone("user_id gig_id seen_at", by=("user_id",)),
    "recovery_codes": gone("id user_id digest", by=("user_id",)),
    "refunds": Declared(
        kept=[("id payment_id amount_cents actor_id at", FACTS)],
        texts={
            "reason": Words(EMPTY, "actor_id", "payment_id>payments.student_id"),
        },
    ),
    "reviews": Declared(
        kept=[("id booking_id student_id teacher_id rating read_at hidden_at created_at", FACTS)],
        texts={
            "comment": Words(EMPTY, "student_id"),
            "hidden_reason": Words(EMPTY, "student_id"),
            "reply": Words(EMPTY, "teacher_id"),
        },
    ),
    "schedules": Declared(
        kept=[("id teacher_id is_default time_zone rules updated_at offered_until", FACTS)],
        texts={
            "name": Words(REMOVED, "teacher_id"),
        },
    ),
    "holidays": stays("id name first_day last_day", FACTS),
    "school_invitations": gone("id email role invited_by_id digest created_at expires_at", by=("invited_by_id",)),
    "school": stays(
        "id name accent_colour imprint_url privacy_url currency time_zone registration teaching changed_at", FACTS
    ),
    "school_logo": stays("id digest media_type stored_at content", FACTS),
    "search_words": stays("word backwards", WORK),
    "searches": gone("id user_id key words searched_at", by=("user_id",)),
    "sellers": gone("teacher_id name address tax_id note", by=("teacher_id",)),
    "sessions": Declared(
        kept=[("id gig_id teacher_id status starts_at ends_at capacity created_at updated_at", FACTS)],
        texts={
            "location": Words(NOTHING, "teacher_id"),
            "reason": Words(EMPTY, "teacher_id"),
        },
    ),
    "sign_ins": gone("id user_id refresh_id created_at expires_at revoked_at", by=("user_id",)),
    "stale_days": stays("id day", WORK),
    "stale_months": stays("id teacher_id student_id begins ends", WORK),
    "standing_wishes": gone(
        "id gig_id student_id teacher_id status times time_zone ends_at created_at", by=("student_id",)
    ),
    "student_hours": stays("hour students", WORK),
    "submissions": Declared(
        kept=[("id task_id assignment_id version status created_at reviewed_at", FACTS)],
        texts={
            "text": Words(REMOVED, "assignment_id>assignments.student_id"),
            "links": Words(NO_LINKS, "assignment_id>assignments.student_id"),
            "feedback": Words(EMPTY, "assignment_id>assignments.teacher_id", "assignment_id>assignments.student_id"),
        },
    ),
    "tasks": Declared(
        kept=[
            (
                "id assignment_id gig_id student_id teacher_id status due_at due_order versions reminded_for "
                "created_at updated_at",
                FACTS,
            )
        ],
        texts={
            "title": Words(REMOVED, "teacher_id"),
            "instructions": Words(EMPTY, "teacher_id"),
        },
    ),
    "teaching": gone("user_id status message reason asked_at decided_at", by=("user_id",)),
    "two_factor": gone("id user_id salt created_at confirmed_at last_step", by=("user_id",)),
    "unseen_changes": gone("booking_id user_id what at from_starts_at", by=("user_id",)),
    "users": Declared(
        kept=[("id role rating_sum rating_count active keeps_searches created_at", FACTS)],
        texts={
            "in_leaderboards": Words(NO, "id"),
            "email": Words(ADDRESS, "id"),
            "email_confirmed_at": Words(NOTHING, "id"),
            "new_email": Words(NOTHING, "id"),
            "name": Words(NAME, "id"),
            "name_key": Words(FOLDED, "id"),
            "password_hash": Words(NO_PASSWORD, "id"),
            "headline": Words(EMPTY, "id"),
            "headline_key": Words(EMPTY, "id"),
            "bio": Words(EMPTY, "id"),
            "time_zone": Words(ZONE, "id"),
        },
    ),
    "waitlist_entries": stays(
        "id gig_id student_id teacher_id starts_at status booking_id created_at updated_at", FACTS
    ),
    "waiting_payments": stays("payment_id teacher_id", FACTS),
    "webhook_deliveries": stays(
        "id webhook_id event_id type payload status attempts next_at attempted_at milliseconds "
        "answer_status answer error created_at",
        WORK,
    ),
    "webhooks": stays(
        "id owner_id url description types off_because salt secret_check old_salt old_until position "
        "failures failing_since resume_at created_at updated_at",
        FACTS,
    ),
}
