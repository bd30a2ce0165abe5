# Needs Python 3.11 or later, git and make. `make` alone lists what there is.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
# a Python to make .venv with; the first that is 3.11 or later unless one is given
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# the lock is complete, and the pip that comes with Python 3.11 and 3.12 trips over extras in hashed locks
INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps
COMPILE := pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-header --strip-extras
EMULATOR := ai_usage_tests/support/emulator

# tests of one group run in one process, in the order that ai_usage_tests/conftest.py gives them
PYTEST := $(BIN)/python -m pytest --dist loadgroup --no-loadscope-reorder

BENCH := .venv-bench
BENCH_STAMP := $(BENCH)/installed

.PHONY: help demo dev test test-all torture audit screenshots lint fix bench clean lock lock-emulator lock-bench hooks

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## land a month of a made-up company's AI use, no keys and no cloud
	$(BIN)/python -m ai_usage_assets.demo

dev: $(STAMP) ## the same, with Dagster's UI in front of it
	$(BIN)/python -m ai_usage_assets.demo --serve

test: $(STAMP) ## run the quick tests (under three minutes): no emulator, no browser, no daemon
	$(PYTEST) -n auto --maxprocesses 8 -m quick

test-all: $(STAMP) ## run every test: on BigQuery's emulator too, in a browser, with daemons and kills
	$(PYTEST) -n 3

torture: $(STAMP) ## prove by volume what the tests prove in short: faults, fuzz and whatever else is there
	$(BIN)/python -m ai_usage_tests.stress

audit: $(STAMP) ## ask the advisory database about every locked dependency (wants a network that reaches it)
	$(BIN)/pip-audit -r requirements.lock --no-deps --disable-pip

screenshots: $(STAMP) ## take the README's pictures again, with the browser test
	AI_USAGE_SCREENSHOTS=1 $(BIN)/python -m pytest ai_usage_tests/e2e/browser

lint: $(STAMP) ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(STAMP) ## mend the style where a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(BENCH_STAMP) ## run the benchmarks (about 25 minutes; with ARGS=--quick a few)
	$(BENCH)/bin/python -m benchmarks $(ARGS)
	$(BENCH)/bin/python -m benchmarks.report

hooks: $(STAMP) ## run `lint` before every commit
	$(BIN)/pre-commit install

clean: ## remove what was made here: environments, caches, the demo's data
	rm -rf $(VENV) .venv-emulator $(BENCH) .local build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(STAMP) ## pin every dependency of pyproject.toml again (with Python 3.11)
	$(BIN)/$(COMPILE) --allow-unsafe --extra dev --extra postgres -o requirements.lock pyproject.toml
	$(BIN)/$(COMPILE) --allow-unsafe --extra postgres --build-deps-for wheel -c requirements.lock -o deploy/requirements.lock pyproject.toml

lock-emulator: ## pin the emulator's dependencies again (with Python 3.13)
	rm -rf .local/lock
	"$$(python3 $(EMULATOR)/python313.py)" -m venv .local/lock
	.local/lock/bin/pip install -q pip-tools
	.local/lock/bin/$(COMPILE) -o $(EMULATOR)/requirements.lock $(EMULATOR)/requirements.in

lock-bench: $(STAMP) ## pin the benchmarks' dependencies again, in the versions of requirements.lock
	$(BIN)/$(COMPILE) --allow-unsafe -c requirements.lock --extra postgres -o benchmarks/requirements.lock \
		pyproject.toml benchmarks/requirements.in

$(BENCH_STAMP): benchmarks/requirements.lock setup.py
	@echo "Installing the benchmarks and their peers into $(BENCH), once ..."
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r benchmarks/requirements.lock
	PYTHONWARNINGS=ignore $(BENCH)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMP): requirements.lock setup.py
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or later was found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; \
		exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv with pip. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing into $(VENV), once ..."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	@# setuptools warns of every editable installation that the checkout is what gets imported, as it should be
	PYTHONWARNINGS=ignore $(INSTALL) --no-build-isolation -e .
	@touch $@
