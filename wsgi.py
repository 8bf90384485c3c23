"""What a web server imports, in each of its worker processes."""

from __future__ import annotations

from app import create_app
from server import background

app = create_app()
background.start(app)
