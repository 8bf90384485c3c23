"""A peer: the least that Flask can do.

One view that returns the bytes of the file that BODY names.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__)
body = Path(os.environ["BODY"]).read_bytes()


@app.get("/api/bookings")
def list_bookings() -> Response:
    """Answer with the same bytes each time."""
    return Response(body, mimetype="application/json")
