# Yingke 迎客. `make` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run test lint check format translations install browser bench docs requirements clean
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that really runs and is new enough (a version manager's shim may exist and fail).
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/stamp: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with 'make PYTHON=/path/to/python3 …'."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed (Debian: apt-get install python3-venv)."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/stamp-tests: $(VENV)/stamp tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

install: $(VENV)/stamp ## install what requirements.txt pins into .venv: what the panel needs to run

run: $(VENV)/stamp ## set up on first use and serve on http://127.0.0.1:5000 (HOST, PORT)
	@exec $(BIN)/python app.py

browser: ## install Chromium and Chinese fonts where they are missing and may be installed
	@sh tests/install_browser.sh

test: $(VENV)/stamp-tests browser ## run every test, on SQLite and PostgreSQL, browser included
	$(BIN)/python -m pytest -q -n 2 tests

lint: $(VENV)/stamp-tests ## check style, layout and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test ## what must hold before anything goes to main: lint and tests

format: $(VENV)/stamp-tests ## lay the code out and sort its imports
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

translations: $(VENV)/stamp-tests ## gather the texts of the code into the catalogues and compile them; then translate what is empty
	$(BIN)/python -m tools.translations

docs: $(VENV)/stamp-tests ## write anew what the README takes from the code
	$(BIN)/python -m tools.rooms

bench: $(VENV)/stamp-tests ## measure at a million visits beside the floor (ARGS="--compare --readme", --help)
	$(BIN)/python -m tools.bench $(ARGS)

requirements: ## pin anew what requirements.in and tests/requirements.in ask for
	rm -rf .venv-pin && $(PYTHON) -m venv .venv-pin && .venv-pin/bin/pip install --quiet -r requirements.in
	{ sed -n '1,2p' requirements.txt; .venv-pin/bin/pip freeze; } > requirements.new && mv requirements.new requirements.txt
	.venv-pin/bin/pip freeze > .venv-pin/run && .venv-pin/bin/pip install --quiet -r tests/requirements.in
	{ sed -n '1,2p' tests/requirements.txt; .venv-pin/bin/pip freeze | grep -vxFf .venv-pin/run; } > requirements.new
	mv requirements.new tests/requirements.txt && rm -rf .venv-pin

clean: ## remove what was installed and built; the instance folder with its data stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache bench-data translations/*/LC_MESSAGES/*.mo
