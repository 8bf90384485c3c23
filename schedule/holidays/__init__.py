"""Holidays of the whole school.

On these days, by the clock of the school's own zone, nothing is offered and nothing can be booked. Cached free times
know nothing of them: they are cut off when an answer is given, as what is over is. So a new holiday makes one tag old,
however many teachers there are.
"""
