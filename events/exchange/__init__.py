"""Publish every event to a RabbitMQ, from which other services keep their own copies and caches fresh."""
