# Everything that a person types here. `make` alone runs all checks.
PYTHON ?= python3
VENV   := .venv
DEMO   := .venv-demo
DLT    := .venv-dlt
BIN    := $(VENV)/bin
PARTS  := tests/config tests/connectors tests/house tests/mapping tests/rollup tests/sandbox tests/sending tests/store \
          $(wildcard tests/shell/test_three_tools_*.py)

.DEFAULT_GOAL := check
.PHONY: help demo test test-parts test-shell check format lint types contracts cover soak golden bench faults lock dist clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

$(DEMO)/.done: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(DEMO)/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.done: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DLT)/.done: benchmarks/dlt.lock
	$(PYTHON) -m venv --clear $(DLT)
	$(DLT)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/dlt.lock
	@touch $@

demo: $(DEMO)/.done ## the whole thing with no account, on a company that the sandbox plays
	$(DEMO)/bin/okrsync demo --once

check: format lint types contracts test ## all of the checks below

format: $(VENV)/.done ## formatting
	$(BIN)/ruff format --check .

lint: $(VENV)/.done ## lint
	$(BIN)/ruff check .

types: $(VENV)/.done ## types, strict
	$(BIN)/mypy

contracts: $(VENV)/.done ## which package may import which
	$(BIN)/lint-imports

test: $(VENV)/.done ## the tests, in two halves side by side
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-parts test-shell

test-parts: $(VENV)/.done
	$(BIN)/pytest -p no:cacheprovider $(PARTS)

test-shell: $(VENV)/.done
	$(BIN)/pytest -p no:cacheprovider $(PARTS:%=--ignore=%)

cover: $(VENV)/.done ## the tests, and which lines they leave out
	$(BIN)/pytest --cov --cov-report=term:skip-covered

soak: $(VENV)/.done ## the promises with their full numbers, then new random cases for all properties; long
	$(BIN)/pytest -m soak --timeout 3600
	$(BIN)/pytest --hypothesis-profile explore

golden: $(VENV)/.done ## rewrite the golden files; read the diff before you commit it
	GOLDEN=1 $(BIN)/pytest -q tests -k golden

faults: $(VENV)/.done ## what the tools do wrong and what comes of it, as a table
	$(BIN)/python -m benchmarks.faults

bench: $(VENV)/.done $(DLT)/.done ## the figures, as ratios in one run
	$(BIN)/python -m benchmarks.first_sync

lock: ## resolve the requirements anew
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url pyproject.toml --extra dev -o requirements-dev.lock
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url benchmarks/dlt.in -o benchmarks/dlt.lock

dist: $(VENV)/.done ## wheel and sdist
	$(BIN)/hatchling build

clean: ## remove what the targets made
	rm -rf $(VENV) $(DEMO) $(DLT) .venv-lock dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
