# Set newswire up, try it, test it.  `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
TRAIN_VENV := .venv-train
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Some machines tell Python to keep no bytecode: every process would compile the project anew, half a second each.
unexport PYTHONDONTWRITEBYTECODE

# Most tests wait for Kafka: several processes take whole files in turn, each with a broker of its own.  The slow
# ones need a core each: what is killed at a limit of time must not be killed for want of one.
TEST_PROCESSES ?= 4
CHECK_PROCESSES ?= 2
SOAK_MINUTES ?= 30
PYTEST := $(BIN)/pytest --dist loadfile --no-loadscope-reorder --durations 25

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
setup: $(VENV)/.installed $(KAFKA) ## Make .venv from the hashed lock, and fetch Kafka through Maven, and keep its classes as Java loads them

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

$(VENV)/.kafka: deploy/kafka/pom.xml deploy/kafka/jars.sha256 newswire/broker/archive.py $(VENV)/.installed
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
	$(PYTEST) -n $(TEST_PROCESSES) -m "not slow"

.PHONY: check
check: setup ## The slow tests: faults, hostile input, full sizes
	$(PYTEST) -n $(CHECK_PROCESSES) -m slow tests

.PHONY: faults
faults: setup ## The long fault run: 50 kills over 100,000 items, 50 rolling restarts, figures printed
	FAULT_KILLS=50 FAULT_ITEMS=100000 FAULT_ROLLS=50 $(BIN)/pytest -m slow -s --timeout 0 \
	  tests/faults/test_chaos.py tests/faults/test_rolling.py

.PHONY: bench
bench: setup ## Every benchmark, each beside its peer in one run
	$(BIN)/python -m bench

.PHONY: soak
soak: setup ## Half an hour at 80 % of the top rate: memory, open files, threads and lag stay flat (SOAK_MINUTES=30)
	$(BIN)/python -m bench.soak --minutes $(SOAK_MINUTES)

$(TRAIN_VENV)/.locked: requirements-train.lock
	$(PYTHON) -m venv $(TRAIN_VENV)
	$(TRAIN_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-train.lock
	@touch $@

.PHONY: train
train: $(TRAIN_VENV)/.locked ## Train the tagger from the research data, export and score it (an hour; needs Java, Maven)
	OMP_WAIT_POLICY=passive $(TRAIN_VENV)/bin/python -m streams.tagger.training

.PHONY: eval
eval: setup ## Claims and entities against gold; writes docs/evaluation.md if all data is at hand (CORENLP=FOLDER asks it, too)
	$(BIN)/python -m bench.evaluation $(if $(CORENLP),--corenlp $(CORENLP))

.PHONY: lint
lint: setup ## Style, formatting, types, walls between the packages, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m newswire.reference --check
	$(BIN)/python deploy/prometheus/render.py --check
	$(BIN)/python deploy/kubernetes/render.py --check
	$(BIN)/python deploy/grafana/render.py --check

.PHONY: generate
generate: setup ## Write what is made from code anew: JSON Schemas, AsyncAPI, the reference pages, Prometheus' rules, Grafana's dashboards
	$(BIN)/python -m schemas.generate
	$(BIN)/python -m newswire.reference
	$(BIN)/python deploy/prometheus/render.py
	$(BIN)/python deploy/kubernetes/render.py
	$(BIN)/python deploy/grafana/render.py

.PHONY: wipe
wipe: $(VENV)/.installed ## Stop the development broker, and delete its data and all local state
	$(BIN)/newswire kafka stop --wipe
	rm -rf .run

.PHONY: clean
clean: ## Delete caches and build outputs; data, .venv and trainings stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
