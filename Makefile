# Lectern. `make run` and `make test` need nothing but Python 3.11 or later: they install what is missing.

SHELL := /bin/bash
PYTHON ?= python3
T ?=
export PYTHON PART FULL ROUNDS PAIRS

SUITE = .venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --durations=20

.DEFAULT_GOAL := help
.PHONY: help run test coverage lint fmt bench soak screenshots lock development

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# `exec` puts the server in the place of the shell, so that it gets the signals that make passes on.
run: ## install what is missing, migrate, load demo data into an empty database, serve
	@scripts/install requirements.txt
	@exec .venv/bin/python -m server

test: development ## run all tests, with their set-up; T=tests/bookings runs a part
	@scripts/setup-tests
	@$(if $(T),.venv/bin/python -m pytest $(T),$(SUITE))

coverage: development ## the same, and fail if they reach too little of bookings/ and caching/; takes half as long again
	@scripts/setup-tests
	@$(SUITE) --cov --cov-report=term:skip-covered

lint: development ## check style and types, all of it even if a part fails
	@failed=0; \
	.venv/bin/ruff check . || failed=1; \
	.venv/bin/ruff format --check . || failed=1; \
	.venv/bin/mypy . || failed=1; \
	exit $$failed

fmt: development ## format the code, mend what can be mended by itself
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: development ## measure the budgets side by side; PART="hit miss" measures a part, FULL=1 a million bookings
	@scripts/setup-bench
	@.venv/bin/python -m benchmarks

soak: development ## kill each part of a school on several machines under load, and write down what was seen
	@scripts/setup-tests
	@.venv/bin/python -m tests.machines

screenshots: development ## take pictures of the pages and of the mails
	@scripts/setup-tests
	@.venv/bin/python -m tests.screenshots
	@.venv/bin/python -m tests.mail_pictures

lock: development ## resolve requirements*.in into the two lock files
	@for name in requirements requirements-dev; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--output-file $$name.txt $$name.in || exit 1; \
	done

development:
	@scripts/install requirements-dev.txt
