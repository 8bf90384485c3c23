"""Lessons: asking for one, answering, moving, cancelling, and what follows from that.

    pending ──→ accepted ──→ completed
       │            ├──────→ no_show
       │            └──────→ cancelled
       ├──→ rejected
       ├──→ cancelled
       └──→ expired

`states.py` has the table: who may do what, and when.
"""
