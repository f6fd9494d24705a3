# Set newswire up, try it, test it.  `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# With a cluster of your own, neither Java nor Maven is needed.
ifdef NEWSWIRE_KAFKA_BOOTSTRAP
KAFKA :=
else
KAFKA := $(VENV)/.kafka
endif

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: setup
setup: $(VENV)/.installed $(KAFKA) ## Make .venv from the hashed lock, and fetch Kafka through Maven

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "newswire needs Python 3.11 or newer: make setup PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.locked: requirements.lock | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.kafka: deploy/kafka/pom.xml deploy/kafka/jars.sha256 $(VENV)/.installed
	$(BIN)/newswire kafka fetch
	@touch $@

.PHONY: demo
demo: setup ## Run the sample articles through all stages on a Kafka of its own, and stop all
	$(BIN)/newswire demo

.PHONY: up
up: setup ## The demo, and stay up until Ctrl-C
	$(BIN)/newswire demo --stay

.PHONY: test
test: setup ## All tests but the slow ones (minutes)
	$(BIN)/pytest -m "not slow"

.PHONY: check
check: setup ## The slow tests: faults, hostile input, full sizes
	$(BIN)/pytest -m slow tests

.PHONY: faults
faults: setup ## The long fault run: 50 kills over 100,000 items, figures printed
	FAULT_KILLS=50 FAULT_ITEMS=100000 $(BIN)/pytest -m slow -s --timeout 0 tests/faults/test_chaos.py

.PHONY: bench
bench: setup ## Every benchmark, each beside its peer in one run
	$(BIN)/python -m bench

.PHONY: lint
lint: setup ## Style, formatting, types, walls between the packages, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m newswire.reference --check

.PHONY: generate
generate: setup ## Write what is made from code anew: JSON Schemas, AsyncAPI, the reference pages
	$(BIN)/python -m schemas.generate
	$(BIN)/python -m newswire.reference

.PHONY: wipe
wipe: $(VENV)/.installed ## Stop the development broker, and delete its data and all local state
	$(BIN)/newswire kafka stop --wipe
	rm -rf .run

.PHONY: clean
clean: ## Delete caches and build outputs; data and .venv stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
