"""What a web server imports, in each of its worker processes."""

from __future__ import annotations

import gc

from app import create_app
from caching import warming
from server import background

app = create_app()
background.start(app)
warming.start_with_server(app)
# What is there by now stays as long as the process; the garbage collector need not look through it again and again.
gc.freeze()
