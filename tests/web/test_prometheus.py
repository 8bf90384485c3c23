"""Requests are counted by how long they took."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.samples import Sample

from web.prometheus import SummedHistogram

BUCKETS = (0.1, 0.5, 2.5)


def samples(histogram: Histogram) -> list[Sample]:
    (metric,) = histogram.collect()
    return [sample for sample in metric.samples if not sample.name.endswith("_created")]


def test_many_observations_at_once_count_like_one_by_one() -> None:
    amounts = (0.0, 0.1, 0.25, 0.25, 0.5, 2.5, 2.75, 100.0)
    together = SummedHistogram("seconds", "Seconds.", ["of"], buckets=BUCKETS, registry=CollectorRegistry())
    one_by_one = Histogram("seconds", "Seconds.", ["of"], buckets=BUCKETS, registry=CollectorRegistry())

    together.labels("this").observe_all(amounts)
    for amount in amounts:
        one_by_one.labels("this").observe(amount)

    assert samples(together) == samples(one_by_one)
