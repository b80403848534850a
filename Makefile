# Yingke 迎客. `make` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run test install browser bench requirements clean
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

install: $(VENV)/stamp ## install what requirements.txt pins into .venv

run: $(VENV)/stamp ## set up on first use and serve on http://127.0.0.1:5000 (HOST, PORT)
	@exec $(BIN)/python app.py

browser: ## install Chromium and Chinese fonts where they are missing and may be installed
	@sh tests/install_browser.sh

test: $(VENV)/stamp browser ## run every test, on SQLite and PostgreSQL, browser included
	$(BIN)/python -m pytest -q -n 2 tests

bench: $(VENV)/stamp ## measure lists and exports at a million visits beside the floor
	$(BIN)/python -m tools.bench

requirements: ## pin anew what requirements.in asks for
	rm -rf .venv-pin && $(PYTHON) -m venv .venv-pin && .venv-pin/bin/pip install --quiet -r requirements.in
	{ sed -n '1,2p' requirements.txt; .venv-pin/bin/pip freeze; } > requirements.new && mv requirements.new requirements.txt && rm -rf .venv-pin

clean: ## remove what was installed and built; the instance folder with its data stays
	rm -rf $(VENV) .pytest_cache bench-data translations/*/LC_MESSAGES/*.mo
