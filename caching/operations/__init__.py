"""What operators see and do about the cache: health, metrics, alerts, the doctor, commands."""
