"""A school to look around in, made through the services like everything else."""

from demo.load import SignIn, load_if_empty

__all__ = ["SignIn", "load_if_empty"]
