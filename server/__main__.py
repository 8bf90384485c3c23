"""`python -m server`: what `make run` executes."""

from __future__ import annotations

import sys

import click

from config import ConfigError, load_settings
from server.children import CannotStart
from server.supervisor import run


def main() -> int:
    """Serve.

    Return 0 after a signal, 1 if something could not be started or ended by itself, 2 for bad settings.
    """
    try:
        return run(load_settings())
    except ConfigError as error:
        click.echo(str(error), err=True)
        return 2
    except CannotStart as error:
        click.echo(str(error), err=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
