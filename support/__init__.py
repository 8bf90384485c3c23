"""Real servers and counters, for tests and benchmarks alike; the product knows nothing of them."""
