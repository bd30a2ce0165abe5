# Requires Python 3.11 or later, git, and make. `make` without a target lists the targets.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
# the Python that creates .venv: the first one that is 3.11 or later, unless PYTHON is set
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# --no-deps, because the lock file is complete and the pip of Python 3.11 and 3.12 fails on extras in hashed lock files
INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps
COMPILE := pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-header --strip-extras
EMULATOR := ai_usage_tests/support/emulator

# tests of one group run in one process, in the order that ai_usage_tests/conftest.py gives them
PYTEST := $(BIN)/python -m pytest --dist loadgroup --no-loadscope-reorder

BENCH := .venv-bench
BENCH_STAMP := $(BENCH)/installed
MUTANTS := .venv-mutants
MUTANTS_STAMP := $(MUTANTS)/installed

.PHONY: help demo dev test test-long test-all test-live stress torture audit screenshots lint fix bench mutants clean lock lock-emulator lock-bench lock-mutants hooks

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## load about 75 days of a sample company and print a report (no keys, no cloud)
	$(BIN)/python -m ai_usage_assets.demo

dev: $(STAMP) ## load the same data and open Dagster's UI
	$(BIN)/python -m ai_usage_assets.demo --serve

test: $(STAMP) ## run the quick tests (nine minutes on two cores): no emulator, no browser, no daemon
	$(PYTEST) -n auto --maxprocesses 8 -m quick $(ARGS)

test-long: $(STAMP) ## run the other tests: on the BigQuery emulator, in a browser, with daemons and killed processes
	$(PYTEST) -n 3 -m "not quick" $(ARGS)

test-all: test test-long ## run every test

# without a project, the same tests run against the emulator
test-live: $(STAMP) ## run the live suite against BigQuery: BIGQUERY_LIVE_PROJECT=my-project make test-live
	$(BIN)/python -m pytest -m $(if $(BIGQUERY_LIVE_PROJECT),live,live_emulated)

stress: $(STAMP) ## run the long stress tests: killed processes, faults, fuzzing
	$(BIN)/python -m ai_usage_tests.stress

# the name of `stress` before 0.1.0
torture: stress

audit: $(STAMP) ## check the locked dependencies against an advisory database (needs network access)
	$(BIN)/pip-audit -r requirements.lock --no-deps --disable-pip

screenshots: $(STAMP) ## take the screenshots of docs/ui.md and docs/report.md, with the browser tests
	AI_USAGE_SCREENSHOTS=1 $(BIN)/python -m pytest ai_usage_tests/e2e/browser ai_usage_tests/e2e/test_report_images.py

lint: $(STAMP) ## check style, types, and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(STAMP) ## fix style automatically where possible
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(BENCH_STAMP) ## run the benchmarks (about 45 minutes; with ARGS=--quick a few)
	$(BENCH)/bin/python -m benchmarks $(ARGS)
	$(BENCH)/bin/python -m benchmarks.report

mutants: $(MUTANTS_STAMP) ## break the product at one place at a time, and print what the tests notice (an hour; goes on where it stopped)
	$(MUTANTS)/bin/python -m mutants $(ARGS)

hooks: $(STAMP) ## run the checks of `lint` before every commit
	$(BIN)/pre-commit install

clean: ## delete environments, caches, and the demo's data
	rm -rf $(VENV) .venv-emulator $(BENCH) $(MUTANTS) .local/demo .local/lock .local/bench .local/mutants build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(STAMP) ## update requirements.lock from pyproject.toml (with Python 3.11)
	$(BIN)/$(COMPILE) --allow-unsafe --extra dev --extra postgres --extra bigquery-storage --extra charts -o requirements.lock pyproject.toml
	$(BIN)/$(COMPILE) --allow-unsafe --extra postgres --extra bigquery-storage --extra charts --build-deps-for wheel -c requirements.lock -o deploy/requirements.lock pyproject.toml

lock-emulator: ## update the emulator's lock file (with Python 3.13)
	rm -rf .local/lock
	"$$(python3 $(EMULATOR)/python313.py)" -m venv .local/lock
	.local/lock/bin/pip install -q pip-tools
	.local/lock/bin/$(COMPILE) -o $(EMULATOR)/requirements.lock $(EMULATOR)/requirements.in

# not requirements.lock: dbt and mypy need different versions of a package
lock-bench: $(STAMP) ## update the benchmarks' lock file, with the versions of the deployment's
	$(BIN)/$(COMPILE) --allow-unsafe -c deploy/requirements.lock --extra postgres -o benchmarks/requirements.lock \
		pyproject.toml benchmarks/requirements.in

lock-mutants: $(STAMP) ## update the lock file of `make mutants`, with the versions of requirements.lock
	$(BIN)/$(COMPILE) --allow-unsafe -c requirements.lock --extra dev --extra postgres --extra bigquery-storage --extra charts \
		-o mutants/requirements.lock pyproject.toml mutants/requirements.in

$(BENCH_STAMP): benchmarks/requirements.lock setup.py
	@echo "Installing the benchmarks and the compared tools into $(BENCH) (only once) ..."
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r benchmarks/requirements.lock
	PYTHONWARNINGS=ignore $(BENCH)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(MUTANTS_STAMP): mutants/requirements.lock setup.py
	@echo "Installing cosmic-ray and the tests into $(MUTANTS) (only once) ..."
	$(PYTHON) -m venv $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r mutants/requirements.lock
	PYTHONWARNINGS=ignore $(MUTANTS)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMP): requirements.lock setup.py
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or later was found. Install it, or give its path: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; \
		exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot create a virtual environment with pip. On Debian and Ubuntu, run: apt-get install python3-venv"; exit 1; }
	@echo "Installing into $(VENV) (only once) ..."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	@# setuptools warns that an editable installation imports the checkout, which is intended
	PYTHONWARNINGS=ignore $(INSTALL) --no-build-isolation -e .
	@touch $@
