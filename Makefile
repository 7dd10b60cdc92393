# Everything that a person types here. `make` alone runs all checks.
PYTHON ?= python3
VENV   := .venv
DEMO   := .venv-demo
DLT    := .venv-dlt
BIN    := $(VENV)/bin
JOBS   ?= $(shell echo $$(( $$(nproc) + 1 )))
TEST   := $(BIN)/pytest -p no:cacheprovider --durations=8 --durations-min=4
SLICES := shell-1 shell-2 shell-3 shell-4
unexport PYTHONDONTWRITEBYTECODE  # the tests start okrsync a hundred times: each would compile all of it anew

.DEFAULT_GOAL := check
.PHONY: help demo test test-rest test-connectors test-store test-browser test-dashboard test-postgresql check format lint types contracts cover soak golden bench faults screenshots audit lock dist clean

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

test: $(VENV)/.done ## the tests, in slices side by side, the longest first: one more than there are cores, for tests wait too
	@$(MAKE) --no-print-directory --keep-going --jobs $(JOBS) --output-sync=target \
	  test-rest test-connectors test-browser test-dashboard $(addprefix test-,$(SLICES)) test-postgresql test-store

test-shell-%: $(VENV)/.done
	$(TEST) $$(grep -Lw postgresql tests/shell/test_*.py | awk 'NR % $(words $(SLICES)) == $* - 1')

test-postgresql: $(VENV)/.done # those of the shell that start a server: one for all of them
	$(TEST) $$(grep -lw postgresql tests/shell/test_*.py)

test-store test-connectors test-browser test-dashboard: test-%: $(VENV)/.done
	$(TEST) tests/$*

test-rest: $(VENV)/.done
	$(TEST) $(addprefix --ignore=tests/,shell store connectors browser dashboard)

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

screenshots: $(VENV)/.done ## every page of the dashboard as pictures, in the folder screenshots; look at them
	$(BIN)/python -m benchmarks.screenshots screenshots

audit: $(VENV)/.done ## what is known against the locked requirements; fails too where the service cannot be asked
	$(BIN)/python -m benchmarks.audit

lock: ## resolve the requirements anew
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url pyproject.toml --extra scale -o requirements.lock
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url pyproject.toml --extra dev -o requirements-dev.lock
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url benchmarks/dlt.in -o benchmarks/dlt.lock
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url deploy/build.in --constraint requirements-dev.lock -o deploy/build.lock

dist: $(VENV)/.done ## wheel and sdist
	$(BIN)/hatchling build

clean: ## remove what the targets made
	rm -rf $(VENV) $(DEMO) $(DLT) .venv-lock dist build screenshots .pytest_cache .mypy_cache .ruff_cache .hypothesis
