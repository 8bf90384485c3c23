"""Real servers and counters, for tests and benchmarks alike.

The product knows nothing of them.
"""
