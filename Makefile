# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PORT ?= 5000
DATA ?= ./var
HOST ?= 127.0.0.1
PYTHON ?= python3
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE  # what is compiled once need not be compiled at every start
export PORTAL_DATA := $(abspath $(DATA))
DEMO_ENV := DEMO=1 PORT=$(PORT) SITE_URL=$${SITE_URL:-http://127.0.0.1:$(PORT)}

.PHONY: help install run demo-reset seeded quick test test-sqlite test-postgres chromium lint bench bench-members bench-search screenshots
.DEFAULT_GOAL := help

help: ## this list
	@echo "The member portal. Targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo "make run takes PORT (now $(PORT)), DATA (now $(DATA)) and HOST (now $(HOST))."

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: name it with make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing python3-venv, which Debian keeps apart from python3 …"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "python3-venv is missing: sudo apt-get install python3-venv"; exit 1; fi; }
	@echo "Making the virtual environment .venv …"
	@$(PYTHON) -m venv .venv && touch $@

.venv/for-running: .venv/made requirements.lock pyproject.toml
	@echo "Installing what requirements.lock pins (a minute, once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock \
	  || { echo "The packages could not be fetched: is the package index reachable (pip config list)?"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/for-testing: .venv/for-running requirements-dev.lock
	@echo "Installing what requirements-dev.lock pins for tests (a minute, once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock \
	  || { echo "The packages could not be fetched: is the package index reachable (pip config list)?"; exit 1; }
	@touch $@

seeded: .venv/for-running
	@mkdir -p $(DATA)
	@$(DEMO_ENV) $(BIN)/portal seed-demo

install: .venv/for-running ## what a real portal needs, without the demo

run: .venv/for-running ## the demo association on PORT, with payments and mail; Ctrl-C stops it
	@exec $(BIN)/portal run-demo --found --host $(HOST) --port $(PORT) --data $(DATA)

demo-reset: .venv/for-running ## forget the demo in DATA and found it anew
	@test ! -e $(DATA) -o -e $(DATA)/portal.db || { echo "$(DATA) holds no portal: nothing was removed."; exit 1; }
	rm -rf $(DATA)
	@$(MAKE) --no-print-directory seeded

quick: .venv/for-testing ## the SQLite unit tests alone, a minute at the most on a usual machine
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not view" \
	  --ignore=tests/demo --ignore=tests/journeys --ignore=tests/proofs

test: test-sqlite test-postgres ## everything: unit, view, browser and PostgreSQL tests

test-sqlite: .venv/for-testing chromium
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

test-postgres: .venv/for-testing chromium
	$(BIN)/python -m tests.postgres -q -n 2 --dist loadfile -m "not own_database"

chromium:
	@command -v $${CHROMIUM:-chromium} >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests …"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "The browser tests need Chromium: sudo apt-get install chromium (or CHROMIUM=/path/to/it)"; exit 1; fi; }

lint: .venv/for-testing ## ruff, mypy, import-linter, djlint, codespell
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/codespell

bench: .venv/for-testing ## the figures in README, beside a bare Flask floor
	$(BIN)/python -m bench

bench-search: .venv/for-testing ## both search engines at 1,000 and 10,000 documents (SIZES="100000")
	$(BIN)/python -m bench.search $(SIZES)

bench-members: .venv/for-testing ## the register at 100 firms and at 10,000: pages, what-if, nights
	$(BIN)/python -m bench.members

screenshots: .venv/for-testing chromium ## the pictures in README
	$(BIN)/python -m tests.screenshots
