# make run                    the app on the sample sweep, in your browser
# make run SOURCE=runs.csv    the app on a file or a sweep (several, separated by spaces, are joined)
# make run ARGS="--server.headless=true --server.port=8600"    any option of `streamlit run`
#                             (it answers this machine alone; ARGS="--server.address=0.0.0.0" lets others in)
# make test                   every check: style, types, tests with a browser
# make nightly                also the tests that simulate many sweeps, and 1,000 new cases a property
#
# Both make .venv and install into it what is missing; nothing is done twice.
# PYTHON=python3.12 names another Python (3.11 or newer), CHROMIUM=/path another browser, WORKERS=4 more tests at once.

PYTHON ?= python3
SOURCE ?=
ARGS ?=
WORKERS ?= 3
UV := uv==0.13.9

VENV := .venv
BIN := $(VENV)/bin
IS_RECENT := import sys, venv; sys.exit(sys.version_info < (3, 11))

# Whatever the environment says, what was imported stays compiled: else each of a hundred processes of the tests compiles
# the same packages again, for three seconds.
unexport PYTHONDONTWRITEBYTECODE

# The copy of the pins inside .venv says what was installed last: `make` asks the network only when they differ.
# uv takes 5 seconds for what takes pip 30; where there is no uv, pip does it. Most of what is installed is never imported,
# so it is compiled when it is.
define install
cmp -s $(1) $(VENV)/$(1) || { \
	echo "Installing $(1) into $(VENV) ..."; \
	{ { $(pip) $(UV) && $(BIN)/uv pip install --quiet --python $(BIN)/python --requirement $(1); } || \
		$(pip) --no-compile --requirement $(1); } && cp $(1) $(VENV)/$(1); \
}
endef
pip = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test packages browser nightly checks style types tests format requirements venv

run: venv
	@$(call install,requirements.txt)
	@$(BIN)/python -m streamlit run streamlit_app.py --server.address=127.0.0.1 $(ARGS) $(if $(SOURCE),-- $(SOURCE))

test: venv
	@$(MAKE) --no-print-directory --jobs packages browser
	@$(MAKE) --no-print-directory --keep-going --jobs checks

# One waits for the network while the other unpacks.
packages:
	@$(call install,requirements-dev.txt)

browser:
	@$(BIN)/python -m testing.browser.chromium

# At the same time: the tests leave a core idle now and then.
checks: style types tests

style:
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/deptry . --config tools/deptry.toml

types:
	$(BIN)/ty check --error-on-warning

tests:
	$(BIN)/python -m pytest --quiet --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder -m "not nightly"

# What is statistics, and every property test with 1,000 new cases: about half an hour.
nightly: venv
	@$(MAKE) --no-print-directory --jobs packages browser
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest --quiet --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder

format:
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# New pins from the .in files; UPGRADE=--upgrade raises every one, UPGRADE="--upgrade-package pandas" one.
requirements: venv
	@$(pip) $(UV)
	$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 $(UPGRADE) requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 $(UPGRADE) requirements-dev.in -o requirements-dev.txt

venv:
	@$(BIN)/python -c "import pip; $(IS_RECENT)" 2>/dev/null || { \
		$(PYTHON) -c "$(IS_RECENT)" 2>/dev/null || { \
			echo "Sweep Report needs Python 3.11 or newer with its venv module, and '$(PYTHON)' isn't that." \
				"Name another one: make run PYTHON=python3.12" >&2; exit 1; }; \
		$(PYTHON) -m venv --clear $(VENV); }
