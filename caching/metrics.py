"""What the cache counts, per family. The server's workers share these counters through prometheus_client's files."""

from __future__ import annotations

from prometheus_client import Counter

READS = Counter("lectern_cache_reads", "Cached reads by how they were answered.", ["family", "outcome"])
INVALIDATIONS = Counter("lectern_cache_invalidations", "Tags whose change was announced.", ["tag"])
ERRORS = Counter("lectern_cache_errors", "Failed Redis commands by what was tried.", ["operation"])
