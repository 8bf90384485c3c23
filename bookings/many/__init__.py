"""One change for many lessons at once: each is changed as if alone, and each has its own result."""
