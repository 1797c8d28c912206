# `make run` and `make test` need Python 3.11 or newer, git and make, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PRACTICE ?= practice

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults screenshots reference clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# The stamps stand for an installation that fits these files; only a change of them installs again.
$(VENV)/run.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "callforth needs Python 3.11 or newer; this is $$($(PYTHON) --version 2>&1). Install one, or name it: make PYTHON=python3.12 run" >&2; exit 1; }
	@command -v git >/dev/null || { echo "callforth needs git; install it first (Debian and Ubuntu: apt install git)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv is missing; install it first (Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "installing callforth into $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

$(VENV)/check.stamp: $(VENV)/test.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,check]'
	@touch $@

run: $(VENV)/run.stamp ## Make the practice workspace (once) and open callforth on it
	@$(BIN)/callforth demo $(PRACTICE)

test: $(VENV)/test.stamp ## Run the tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(VENV)/check.stamp ## Lint, check types and the direction of imports
	@$(BIN)/ruff format --check tui tests bench faults tools
	@$(BIN)/ruff check tui tests bench faults tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

bench: $(VENV)/test.stamp ## Measure, as ratios to anchors timed in the same run
	@$(BIN)/python -m bench $(ARGS)

faults: $(VENV)/test.stamp ## Kill, fill up, cut off and garble it, and count what is lost (ARGS='--short')
	@$(BIN)/python -m faults $(ARGS)

reference: $(VENV)/test.stamp ## Write docs/reference.md from the code
	@$(BIN)/python -m tools.reference

screenshots: $(VENV)/test.stamp ## Draw docs/screenshot.svg anew
	@$(BIN)/python -m tools.screenshots

clean: ## Remove what was built, but not the practice workspace
	@rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
