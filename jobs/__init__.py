"""Work that no request waits for: written with a change, done at least once by a runner or by Celery.

    queue       enqueue and cancel, inside the transaction of a change
    registry    which handler does the jobs of which name, and what is done periodically
    claims      the life of a row: claimed under a lease, finished, tried again, dead
    periodic    what is due now and then, once for all machines

It knows no feature: each declares its handlers in a room `jobs.py` of its own.
"""
