"""The table of all tags: what can change, and which cached reads become old with it.

Read side: `@cache.stamped("bookings", tag=tags.user_bookings, by="user_id")`.
Write side: `invalidate(tags.user_bookings(42))`.
"""

from __future__ import annotations

from caching import TagKind

# One person: who they are when they sign in, and what others see of them.
viewer = TagKind("user", "viewer")  # role, active or not, revoked sign-ins
profile = TagKind("user", "profile")  # name, time zone, headline, biography, rating

# The school's own settings, which every page shows.
school = TagKind("site", "school")
holidays = TagKind("site", "holidays")  # the days on which it is closed

# All people.
users = TagKind("site", "users")  # the administrators' list of users
teachers = TagKind("site", "teachers")  # the directory of teachers, with their ratings

user_teaching = TagKind("user", "teaching")  # whether the school has approved a teacher
all_teaching = TagKind("site", "teaching")  # how many teachers wait for the school's approval

# Gigs.
gig = TagKind("gig", "gig")  # one gig with its teacher's name and rating
public_gigs = TagKind("site", "gigs")  # lists and searches of published gigs, categories
all_gigs = TagKind("site", "all-gigs")  # how many gigs there are, drafts included
user_gigs = TagKind("user", "gigs")  # a teacher's own gigs, drafts included
gig_views = TagKind("gig", "views")  # how often a gig was looked at
user_traces = TagKind("user", "traces")  # what a person has looked at and searched for
user_drafts = TagKind("user", "drafts")  # what a teacher has typed about gigs and not saved yet

# Bookings.
user_bookings = TagKind("user", "bookings")  # lists of a student's or a teacher's bookings
all_bookings = TagKind("site", "bookings")  # the administrators' lists
user_waitlist = TagKind("user", "waitlist")  # what a student waits for, and who waits for a teacher's lessons

# The sessions of a gig with a timetable: the sessions, their places, and what the gig says about itself.
gig_sessions = TagKind("gig", "sessions")

# What of a teacher's time can be booked: their availability, time zone and role, their gigs, all their bookings.
teacher_slots = TagKind("user", "slots")

# What people write to each other beside their lessons, and how much of it one has not read.
user_messages = TagKind("user", "messages")

payment_instructions = TagKind("user", "payment-instructions")  # how a teacher wants to be paid

student_notes = TagKind("user", "notes")  # what teachers note about a student, private or shared

# Reviews.
teacher_reviews = TagKind("user", "reviews")  # reviews of a teacher
student_reviews = TagKind("user", "reviews-by")  # reviews by a student

# Places that students apply for: the lists of a student or a teacher, of a gig, of all; and single ones.
user_applications = TagKind("user", "applications")
gig_applications = TagKind("gig", "applications")
all_applications = TagKind("site", "applications")

# Places that students have, with how much is to be done.
user_assignments = TagKind("user", "assignments")
all_assignments = TagKind("site", "assignments")

# Tasks, and what was handed in for them.
user_tasks = TagKind("user", "tasks")
all_tasks = TagKind("site", "tasks")

# What people are told.
user_notifications = TagKind("user", "notifications")  # the list behind a person's bell, and how many are unread
