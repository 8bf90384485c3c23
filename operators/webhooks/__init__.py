"""Webhooks as administrators manage them: the API and the pages."""
