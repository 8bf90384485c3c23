"""`python -m tests.server.impatient`: the server with time limits of a few seconds, or without a HAProxy."""

import sys

from config import load_settings
from server import supervisor
from server.patience import Patience

if __name__ == "__main__":
    if "direct" in sys.argv:
        vars(supervisor)["find_program"] = lambda: None
    sys.exit(supervisor.run(load_settings(), Patience(headers=2, body=2, hang=3)))
