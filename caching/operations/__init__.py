"""What operators see of the cache: health, metrics, alerts, the doctor."""
