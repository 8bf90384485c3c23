"""What higher features show and know of a person.

They register here. See `caching/dependents.py` and `hooks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.models import User
from caching import BoundRead, Tag
from caching.dependents import Dependents
from hooks import Hook

# A person's name, their time zone, their role, and whether the account is still active.
name_dependents = Dependents()
# A teacher's rating and number of reviews.
rating_dependents = Dependents()

# What was opened by who knew the password, and ends with it: given the write transaction and the person's id.
ended_by_new_password: list[Callable[[Session, int], None]] = []

# What nobody can use any more once an account is closed: given the write transaction and the person's id.
ended_by_closing: list[Callable[[Session, int], None]] = []

# What is deleted when a person wants their searches kept no more: given the write transaction and their id.
ended_by_keeping_no_searches: list[Callable[[Session, int], None]] = []

# What is kept under a person's name and has to follow it: given the write transaction and their id.
renamed: list[Callable[[Session, int], None]] = []

# What a person needs who begins to teach: given the write transaction and their id.
begins_to_teach: list[Callable[[Session, int], None]] = []

# What is counted by who teaches, and with which rating: given the write transaction and the person's id.
teaching_changed: list[Callable[[Session, int], None]] = []

# What becomes an account's when it takes over all that a stand-in has: given the write transaction and both ids, the
# stand-in's first.
taken_over: list[Callable[[Session, int, int], None]] = []

# What is done once the address of an account, the first one or the next, is known to be its owner's: given the write
# transaction and the user.
address_confirmed: list[Callable[[Session, User], None]] = []

# Whether a teacher has, or had, to do with a student: a lesson or an application. Given the ids of both.
has_student = Hook[[int, int], bool]()

# What each page shows of its viewer beside their name: given their id and role and the time, these reads, by name, are
# looked up with their sign-in.
shown_on_pages = Hook[[int, str, datetime], Mapping[str, BoundRead]]()

# What an open page of a user watches, so that it follows what others change: given their id and role.
watched_by_pages = Hook[[int, str], Sequence[Tag]]()
