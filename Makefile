# make run, make test: nothing needs to be installed beforehand but Python 3.11 or newer.

VENV ?= .venv
BIN := $(VENV)/bin
# The first interpreter that is new enough and can make a virtual environment.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$python" && break; done)
# Every file that pip installs is named by its hash; build tools come first, so that building fetches nothing more.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation
CHECKED := gateway tests tools $(wildcard benchmarks)
REPORT := .reports/requirements.json

.PHONY: run test check pytest fuzz docs lock test-all clean

run: $(VENV)/.run  ## set up, then the demo; ARGS=--once ends after one round
	@$(BIN)/mm7 demo $(ARGS)

test: check pytest  ## set up, then every check and every test

check: $(VENV)/.dev  ## linters and types
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports --no-cache

pytest: $(VENV)/.dev  ## every test, with branch coverage
	$(BIN)/python -m pytest --cov --cov-report= --requirements-report=$(REPORT)
	$(BIN)/coverage report
	@echo "The protocol, every line and branch of it:"
	$(BIN)/coverage report --include='gateway/mm7/*' --fail-under=100

fuzz: $(VENV)/.dev  ## 100,000 broken bodies; MM7_FUZZ says how many, MM7_FUZZ_SEED which
	MM7_FUZZ=$${MM7_FUZZ:-100000} $(BIN)/python -m pytest tests/fuzz

docs: $(VENV)/.dev  ## write the generated pages anew
	@for page in $(wildcard tools/docs_*.py); do echo "$$page"; $(BIN)/python "$$page" || exit 1; done
	$(BIN)/python -m pytest --quiet --requirements-report=$(REPORT) --deselect tests/docs/test_requirements.py
	$(BIN)/python tools/requirements.py $(REPORT)

ifneq ($(wildcard benchmarks/__main__.py),)
.PHONY: bench
bench: $(VENV)/.dev  ## speed, as ratios to a bare handler
	$(BIN)/python -m benchmarks $(ARGS)
endif

lock:  ## pin what pyproject.toml names; ARGS=--upgrade looks for newer
	@PYTHON="$(PYTHON)" tools/lock $(ARGS)

test-all:  ## the tests on every Python from 3.11 to 3.14 that is at hand
	@tools/test-all

clean:
	rm -rf .venv* .reports .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find gateway tests tools -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer with its venv module; none was found as python3 or python3.11 … python3.14. Name one with PYTHON=/path/to/python3." >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml requirements-build.lock requirements.lock | $(BIN)/python
	@$(PIP_INSTALL) --require-hashes -r requirements-build.lock
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
