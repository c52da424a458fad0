# make setup | run | test | check | bench | soak | audit-packages | vectors | lock
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench soak audit-packages vectors lock

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## the environment in .venv, from requirements.lock

$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed; name it with PYTHON=python3.12" >&2; exit 3; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@# a machine may forbid writing bytecode: without it every start compiles all libraries again
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q $(VENV)/lib bot knowledge audit prompts web || true
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: setup ## prepare the data directory and start the service
	$(BIN)/madoguchi serve

test: $(VENV)/.installed-dev ## everything a contributor needs to see green
	$(BIN)/python -m pytest -n 2 --dist worksteal
	@command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || \
		echo "The browser tests were skipped: install chromium-headless-shell and fonts-noto-cjk (Debian) to run them."

check: $(VENV)/.installed-dev ## lint, types, import contracts, dependencies, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m pytest tests/house

bench: setup ## this project's measurements, as ratios in one run
	$(BIN)/madoguchi bench answer

soak: $(VENV)/.installed-dev ## the long form of the tests that have one
	MADOGUCHI_SOAK=1 $(BIN)/python -m pytest

audit-packages: $(VENV)/.installed-dev ## ask the vulnerability service (on the network) about every locked package
	$(BIN)/python -m pip_audit --requirement requirements.lock --require-hashes --disable-pip --vulnerability-service osv

vectors: setup ## the vectors of the bundled notes and examples anew, after they have changed
	$(BIN)/python -m knowledge.bundled
	$(BIN)/python -m knowledge.examples bot/meaning.toml
	$(BIN)/python -m knowledge.examples bot/assessing/examples.toml knowledge/plan_vectors.npz

lock: ## write both lock files anew (needs uv)
	uv pip compile pyproject.toml --group build --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -c requirements.lock -o requirements-dev.lock
