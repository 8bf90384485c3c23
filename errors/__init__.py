"""Define the errors that get an answer of their own.

There is no HTTP in here: `web/errors.py` alone turns them into problem+json or a page.

LecternError
├── Unauthenticated          no user is signed in, or their credentials are not valid (any more)
│   ├── InvalidToken         the access token that was sent does not count (any more)
│   ├── WrongCredentials     address and password do not belong together
│   ├── TwoFactorRequired    the password is right, and a code is needed, too
│   └── WrongCode            a code that does not count (any more)
├── Forbidden                signed in, but not allowed to do this
│   ├── EmailUnconfirmed     this needs an address that has been confirmed
│   ├── TeachingNotApproved  the school lets only those teachers publish whom it has approved
│   ├── RegistrationClosed   nobody registers here by themselves
│   ├── TwoFactorMissing     this role needs two-factor sign-in, which is not set up yet
│   └── FormExpired          a change without the token of one of our own forms
├── NotFound                 unknown, or not visible to this user
│   └── CheckoutOff          lessons are not paid by card here
├── Conflict                 the present state does not allow it
│   ├── EmailTaken
│   ├── AlreadyInvited       an invitation to this address waits already
│   ├── LastAdministrator    nobody else could give roles any more
│   ├── TwoFactorState       two-factor sign-in is on already, or off
│   ├── SlotTaken            another lesson has this time
│   │   ├── StudentBusy      it is the student who has another lesson then
│   │   └── SessionsTaken    sessions cannot be set; carries which
│   ├── SlotUnavailable      this time is not offered
│   ├── SlotFree             this time can be booked, so there is no waiting
│   ├── NotAsSeen            what the user agreed to has changed since; carries what it is now
│   │   ├── PriceChanged     the price or the terms of a lesson
│   │   ├── FeeChanged       what it costs to cancel a lesson
│   │   └── DraftConflict    what was typed about a gig, on another page
│   ├── TooManyOpen          too many of this user's requests are not answered yet
│   ├── TooManyGigs          this teacher has published too many already
│   ├── TooManySchedules     this teacher has too many schedules already
│   ├── TooManyBlocks        this teacher has blocked too many times already
│   ├── TooManyHolidays      the school has entered too many holidays already
│   ├── TooManyWebhooks      there are as many as this installation has room for
│   ├── DefaultSchedule      the schedule of gigs without one of their own is not deleted
│   ├── ScheduleInUse        gigs have chosen this schedule
│   ├── WaitlistFull         this student waits for too many lessons already
│   ├── SeriesConflict       lessons of a series cannot be booked; carries which, and why
│   ├── WrongState           carries the current state and what is allowed from there
│   ├── AlreadyReviewed
│   ├── AlreadyApplied       this student waits for an answer, or has a place already
│   ├── NotByApplication     this gig's lessons are booked instead
│   ├── GigFull              as many students take part as its capacity allows
│   ├── TooMuch              more money was named than there is; carries how much there is
│   │   ├── Overpaid         of what is open
│   │   ├── OverRefunded     of what is left of a payment
│   │   └── CreditTooSmall   of what a student has as credit with a teacher
│   ├── ReferenceUsed        this teacher was told of a payment with this reference before
│   ├── TooManyProofs        too many of this student's payments with a proof are undecided
│   ├── NotForInvoice        lessons cannot stand on a new invoice; carries which
│   │   ├── AlreadyInvoiced  they stand on one already
│   │   └── NotBillable      nothing is due for them yet
│   ├── RequestInFlight      the same Idempotency-Key is being worked on
│   └── Busy                 other changes were in the way for too long
├── LinkExpired              a token from a mail that does not count (any more)
├── Invalid                  a field's value is not acceptable; carries messages by field
├── UnsupportedMediaType
├── UnknownHost              asked under a name that is not this installation's
├── TooManyAttempts          carries the seconds to wait
└── Unavailable              the database does not answer, or takes no changes
    └── ConnectionLost       it ended the connection, so a new one may work at once
"""

from errors.base import ConnectionLost, Invalid, LecternError, NotFound, Unavailable, UnknownHost, UnsupportedMediaType
from errors.conflicts import (
    AlreadyApplied,
    AlreadyInvited,
    AlreadyReviewed,
    Busy,
    Conflict,
    DefaultSchedule,
    DraftConflict,
    EmailTaken,
    FeeChanged,
    GigFull,
    LastAdministrator,
    NotAsSeen,
    NotByApplication,
    PriceChanged,
    RequestInFlight,
    ScheduleInUse,
    SeriesConflict,
    SessionsTaken,
    SlotFree,
    SlotTaken,
    SlotUnavailable,
    StudentBusy,
    TooManyBlocks,
    TooManyGigs,
    TooManyHolidays,
    TooManyOpen,
    TooManySchedules,
    TooManyWebhooks,
    TwoFactorState,
    WaitlistFull,
    WrongState,
)
from errors.money import (
    AlreadyInvoiced,
    CheckoutOff,
    CreditTooSmall,
    NotBillable,
    NotForInvoice,
    Overpaid,
    OverRefunded,
    ReferenceUsed,
    TooManyProofs,
    TooMuch,
)
from errors.people import (
    EmailUnconfirmed,
    Forbidden,
    FormExpired,
    InvalidToken,
    LinkExpired,
    RegistrationClosed,
    TeachingNotApproved,
    TooManyAttempts,
    TwoFactorMissing,
    TwoFactorRequired,
    Unauthenticated,
    WrongCode,
    WrongCredentials,
)

__all__ = [
    "AlreadyApplied",
    "AlreadyInvited",
    "AlreadyInvoiced",
    "AlreadyReviewed",
    "Busy",
    "CheckoutOff",
    "Conflict",
    "ConnectionLost",
    "CreditTooSmall",
    "DefaultSchedule",
    "DraftConflict",
    "EmailTaken",
    "EmailUnconfirmed",
    "FeeChanged",
    "Forbidden",
    "FormExpired",
    "GigFull",
    "Invalid",
    "InvalidToken",
    "LastAdministrator",
    "LecternError",
    "LinkExpired",
    "NotAsSeen",
    "NotBillable",
    "NotByApplication",
    "NotForInvoice",
    "NotFound",
    "OverRefunded",
    "Overpaid",
    "PriceChanged",
    "ReferenceUsed",
    "RegistrationClosed",
    "RequestInFlight",
    "ScheduleInUse",
    "SeriesConflict",
    "SessionsTaken",
    "SlotFree",
    "SlotTaken",
    "SlotUnavailable",
    "StudentBusy",
    "TeachingNotApproved",
    "TooManyAttempts",
    "TooManyBlocks",
    "TooManyGigs",
    "TooManyHolidays",
    "TooManyOpen",
    "TooManyProofs",
    "TooManySchedules",
    "TooManyWebhooks",
    "TooMuch",
    "TwoFactorMissing",
    "TwoFactorRequired",
    "TwoFactorState",
    "Unauthenticated",
    "Unavailable",
    "UnknownHost",
    "UnsupportedMediaType",
    "WaitlistFull",
    "WrongCode",
    "WrongCredentials",
    "WrongState",
]
