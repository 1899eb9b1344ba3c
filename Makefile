# make run    install, then do the main job once on a drawn factory night
# make test   install, then check style and types and run all tests
# make up     install, then start Prefect, a worker and the dashboard
# make help   list everything

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run up peers test every-test lint check-types unit integration e2e debian clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "expected Python 3.11 to 3.13, found $$($(PYTHON) --version); set PYTHON=python3.11"; exit 1; }
	@echo "creating the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --upgrade 'pip>=25.1'

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing technopro with its pinned dependencies (a few minutes, several gigabytes)"
	@$(PIP) install --quiet --progress-bar on --constraint constraints.txt --editable '.[postgres]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing what the tests need"
	@$(PIP) install --quiet --progress-bar on --constraint constraints.txt --group dev
	@touch $@

run: $(VENV)/.installed ## install and do the main job on embedded defaults
	@$(BIN)/technopro demo

up: $(VENV)/.installed ## install and start Prefect, a worker and the dashboard
	@$(BIN)/technopro up

PEERS := .venv-peers
peers: $(VENV)/.installed ## measure other methods on drawn sets (hours), in an environment of their own
	@test -d $(PEERS) || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --requirement benchmarks/peers-requirements.txt
	@$(BIN)/python benchmarks/peer_sets.py out/peers
	@$(PEERS)/bin/python benchmarks/peers.py out/peers/*/ \
		--weights out/peers/backbone.safetensors --results out/peers/peers.jsonl

test: ## install and pass all tests
	@$(MAKE) --no-print-directory --jobs 4 lint check-types every-test
	@echo "all tests passed; next: make run"

every-test: $(VENV)/.installed-dev debian
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

check-types: $(VENV)/.installed-dev ## check types
	@$(BIN)/mypy

unit: $(VENV)/.installed-dev ## run the tests that take seconds
	@$(BIN)/python -m pytest tests/unit

integration: $(VENV)/.installed-dev debian ## run the tests against real databases, S3 and a browser
	@$(BIN)/python -m pytest tests/integration

e2e: $(VENV)/.installed-dev debian ## run the tests against a real Prefect server and worker
	@$(BIN)/python -m pytest tests/e2e

DEBIAN = chromium fonts-noto-cjk postgresql
debian: # Chromium for the dashboard's tests, fonts for Japanese, PostgreSQL with its modules
	@{ command -v chromium && ls /usr/lib/postgresql/*/bin/postgres; } >/dev/null 2>&1 || \
		{ echo "installing $(DEBIAN) for the tests"; \
		  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || \
		  { echo "expected Chromium and PostgreSQL; install them (Debian: apt-get install $(DEBIAN))"; exit 1; }; \
		  apt-get update -qq && apt-get install -y -qq --no-install-recommends $(DEBIAN) >/dev/null; }

clean: ## remove the environment
	@rm -rf $(VENV)
