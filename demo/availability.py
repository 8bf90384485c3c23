"""When the teachers of the demo school can be booked.

Noor can be booked at any time.
"""

from __future__ import annotations

from demo.rows import DemoAvailability

_WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")

AVAILABILITY = (
    # Every afternoon, a long Saturday, and a break to walk to the next pupil.
    DemoAvailability(
        "amara.okafor",
        daily=("15:00-20:00",),
        also={"saturday": ("10:00-13:00",)},
        on={10: (), 17: ("09:00-12:00",)},
        away=((24, 31),),
        terms={
            "buffer_after_minutes": 15,
            "minimum_notice_minutes": 12 * 60,
            "max_per_day": 4,
            "slot_step_minutes": 30,
        },
    ),
    DemoAvailability(
        "mateo.alvarez",
        daily=("17:00-20:30",),
        also=dict.fromkeys(("tuesday", "thursday"), ("11:00-13:30",)),
        on={9: ()},
        terms={"minimum_notice_minutes": 24 * 60, "horizon_days": 120, "slot_step_minutes": 15},
    ),
    DemoAvailability(
        "yuki.tanaka",
        daily=("18:00-21:00",),
        also=dict.fromkeys(_WORKDAYS, ("07:00-09:00",)),
        on={8: ("12:00-15:00",)},
        terms={"buffer_before_minutes": 10, "max_per_week": 20, "slot_step_minutes": 30},
    ),
    DemoAvailability(
        "lukas.brandt",
        daily=("16:00-20:30",),
        also={"wednesday": ("11:00-13:00",)},
        on={11: (), 12: ("13:00-17:00",)},
        away=((20, 27),),
        terms={"minimum_notice_minutes": 120, "max_per_day": 5, "slot_step_minutes": 30},
        more={"Holiday courses": ("09:30-12:30",)},
        blocked=((15, "17:00-18:00", "The piano tuner comes"),),
    ),
    # Evenings that go past midnight, for those who live in the west.
    DemoAvailability(
        "priya.raghavan",
        daily=("19:00-00:30",),
        also={"sunday": ("10:00-12:00",)},
        terms={"minimum_notice_minutes": 180, "max_per_day": 3},
    ),
    DemoAvailability(
        "samuel.whitaker",
        daily=("15:30-20:30",),
        on={13: ()},
        terms={"minimum_notice_minutes": 48 * 60, "horizon_days": 60, "slot_step_minutes": 60},
    ),
    DemoAvailability(
        "ingrid.solberg",
        daily=("10:00-14:00",),
        terms={"buffer_before_minutes": 15, "buffer_after_minutes": 15, "max_per_week": 8},
    ),
)
