"""What a part of the tests or benchmarks raises if the machine lacks what it needs."""


class Unavailable(Exception):
    """A server or program is not on this machine.

    The message says which and how to get it.
    """
