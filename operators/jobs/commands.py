"""`flask jobs …`: look at jobs, have dead ones tried again or forget them, run them."""

from __future__ import annotations

import signal
import sys
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from jobs import engines, inspection, steps
from jobs.models import JobState
from web.commands import DatabaseCommand
from web.settings import chosen

group = AppGroup("jobs", help="Look at jobs, have dead ones tried again or forget them, run them by hand.")


@group.command("list", cls=DatabaseCommand)
@click.option("--state", type=click.Choice([str(state) for state in JobState]), help="Only those.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
def show(state: str | None, limit: int) -> None:
    """List jobs, those first that are due first."""
    depth = inspection.depth()
    click.echo(", ".join(f"{depth[state]} {state}" for state in JobState))
    for job in inspection.listed(JobState(state) if state else None, limit):
        key = f" [{job.key}]" if job.key else ""
        click.echo(
            f"{job.id}  {job.name}{key}  {job.state}, due {job.run_at:%Y-%m-%d %H:%M:%S}Z, begun {job.attempts} ×"
        )
        if job.last_error:
            click.echo(f"    {job.last_error}")


@group.command("retry", cls=DatabaseCommand)
@click.argument("job_id", metavar="[ID]", type=click.IntRange(1, 2**63 - 1), required=False)
@click.option("--dead", "all_dead", is_flag=True, help="All that are dead.")
def retry(job_id: int | None, all_dead: bool) -> None:
    """Have dead jobs tried again, at once and as often as if they were new."""
    if (job_id is None) != all_dead:
        raise click.UsageError("Give the id of a job, or --dead for all of them.")
    number = inspection.retry(job_id)
    if job_id is not None and not number:
        raise _no_dead_job(job_id)
    click.echo(f"{number} {'job is' if number == 1 else 'jobs are'} tried again.")


@group.command("forget", cls=DatabaseCommand)
@click.argument("job_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def forget(job_id: int) -> None:
    """Delete a dead job: what it was to do is not done any more."""
    if not inspection.forget(job_id):
        raise _no_dead_job(job_id)
    click.echo("1 job is forgotten.")


@group.command("drain", cls=DatabaseCommand)
def drain() -> None:
    """Run the jobs that are due, then stop."""
    number = steps.drain(_app())
    click.echo(f"{number} {'job was' if number == 1 else 'jobs were'} run.")


@group.command("run", cls=DatabaseCommand)
def run() -> None:
    """Run jobs and periodic work in the foreground, as the server does, until SIGTERM or Ctrl-C."""
    runner = engines.make_runner(_app(), chosen())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: runner.stop())
    click.echo("Running jobs. Press Ctrl-C to stop.")
    if not runner.run():
        sys.exit(1)


def _no_dead_job(job_id: int) -> click.ClickException:
    return click.ClickException(f"There is no dead job with the id {job_id}; `jobs list --state dead` shows them.")


def _app() -> Flask:
    return cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
