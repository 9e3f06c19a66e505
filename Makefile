# `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
# The lock files are complete: nothing is left for pip to resolve, and older ones resolve extras wrongly.
INSTALL := $(BIN)/pip install -qq --disable-pip-version-check --no-input --require-hashes --no-deps
# Together one more than cores: where one waits for other processes, another works. 0: without pytest-xdist.
TEST_PROCESSES ?= 2
POSTGRES_PROCESSES ?= 0
PYTEST = $(BIN)/python -m pytest -q --dist loadfile --no-loadscope-reorder
POSTGRES_LOG := var/test-postgres.log
.DEFAULT_GOAL := help
# Every process would compile the same modules again; a suite starts hundreds.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup demo run test test-sqlite test-postgres lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed ## make the virtual environment and install what Cairn needs

demo: setup ## show Cairn with a simulated AWS Organization of 24 accounts
	@exec $(BIN)/python manage.py demo --stop-with-parent $(ARGS)

run: setup ## run Cairn for a real organization (settings in .env, AWS's usual credentials)
	@exec $(BIN)/python manage.py up --stop-with-parent $(ARGS)

test: .venv/.installed-dev ## run the whole test suite, on SQLite and on PostgreSQL at once
	@$(MAKE) --no-print-directory --jobs=2 test-sqlite test-postgres

test-sqlite: .venv/.installed-dev
	$(PYTEST) -n $(TEST_PROCESSES) --nomigrations $(ARGS)

# This run makes its databases by migrations, as do the tests that start whole portals.
test-postgres: .venv/.installed-dev
	@mkdir -p $(dir $(POSTGRES_LOG))
	@CAIRN_TEST_DATABASE=postgres $(PYTEST) -n $(POSTGRES_PROCESSES) $(ARGS) >$(POSTGRES_LOG) 2>&1; ended=$$?; \
		echo; echo "On PostgreSQL:"; cat $(POSTGRES_LOG); exit $$ended

lint: .venv/.installed-dev ## check format, style, types, layers and migrations
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	CAIRN_ENV_FILE= $(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/.installed-dev ## put the source into its format
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

lock: .venv/.installed-dev ## choose the versions anew and write the hashed requirements
	@for name in base dev; do \
		$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --python-version 3.11 \
			--no-emit-index-url --no-emit-find-links --no-header \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

clean: ## remove the virtual environment and everything Cairn wrote
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Cairn needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Making the virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.created requirements/base.txt
	@echo "Installing what Cairn needs (once)"
	@$(INSTALL) -r requirements/base.txt
	@touch $@

.venv/.installed-dev: .venv/.installed requirements/dev.txt
	@echo "Installing the tools for tests and lint (once)"
	@$(INSTALL) -r requirements/dev.txt
	@touch $@
