# Lingxi (灵犀云客服). Needs Python 3.11+ and make (3.81 will do); the rest is set up on demand.

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
HOME_DIR := $(if $(LINGXI_HOME),$(LINGXI_HOME),.lingxi)
HTML = $(wildcard templates */templates)

# pip and Chromium want a home directory; containers do not always give one.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.lingxi/home
$(shell mkdir -p "$(CURDIR)/.lingxi/home")
endif

export PORT HOST LINGXI_HOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# An environment which was moved, or whose Python was removed, is built anew.
ifneq ($(wildcard $(READY)),)
ifneq ($(shell $(PY) -c 'import pip, sys; print(sys.version_info >= (3, 11))' 2>/dev/null),True)
$(shell rm -f $(READY))
endif
endif

.PHONY: help run test lint style types imports templates migrations bench chaos demo screenshots format clean chromium

help:
	@echo "make run          everything on http://127.0.0.1:8000 (PORT=, HOST=), with demo data"
	@echo "make test         all tests (ARGS='-k name tests/routing')"
	@echo "make lint         style, types, import rules, migrations, templates"
	@echo "make bench        measurements as JSON (ONLY=ingest for one part)"
	@echo "make chaos        fault runs: kills, cuts, restarts"
	@echo "make demo         fill the database with demo data (ARGS= for its options)"
	@echo "make screenshots  take the pictures of the README from the running product"
	@echo "make format       put the code into the style that lint asks for"
	@echo "make clean        remove all that make created, the embedded database included"

run: $(READY)
	@exec $(PY) -m lingxi.serve

test: $(READY) chromium
	$(PY) -m pytest -n logical --dist worksteal $(ARGS)

# All of them, also after the first that finds something.
lint: $(READY)
	@$(MAKE) --no-print-directory -k style types imports templates migrations

style: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(READY)
	LINGXI_DEBUG=1 $(PY) -m mypy

imports: $(READY)
	$(VENV)/bin/lint-imports

templates: $(READY)
	$(if $(HTML),$(PY) -m djlint --lint --quiet $(HTML))

migrations: $(READY)
	LINGXI_DEBUG=1 LINGXI_DURABLE=0 LINGXI_HOME=$(HOME_DIR)/test \
		$(PY) -m lingxi.embedded exec sh -c \
		'$(PY) manage.py check --fail-level WARNING && $(PY) manage.py makemigrations --check --dry-run'

bench: $(READY)
	@$(PY) -m tests.bench $(ONLY)

chaos: $(READY)
	@$(PY) -m tests.chaos $(ARGS)

demo: $(READY)
	@$(PY) -m lingxi.serve manage migrate --verbosity 0
	@$(PY) -m lingxi.serve manage demo $(ARGS)

screenshots: $(READY) chromium
	$(PY) -m tests.browser.screenshots $(ARGS)

format: $(READY)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	@for home in "$(HOME_DIR)" "$(HOME_DIR)/test"; do \
		if [ -x $(PY) ] && ! $(PY) -m lingxi.embedded idle "$$home"; then \
			echo "Lingxi runs in $$home; stop it first." >&2; exit 1; \
		fi; \
	done
	rm -rf $(VENV) .lingxi .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Finds a Chromium for the browser tests, or installs one from the system's packages.
chromium: $(READY)
	@$(PY) -m tests.browser.chromium

# Python 3.11 or later with venv; newest of those first for which all wheels are known to exist.
$(READY): requirements.txt requirements-dev.txt
	@set -e; found=; old=; \
	for name in python3.13 python3.12 python3.11 python3.14 python3; do \
		command -v $$name >/dev/null 2>&1 || continue; \
		if ! $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			old="$$old $$name"; continue; \
		fi; \
		if ! $$name -c 'import ensurepip, venv' 2>/dev/null; then \
			bare="$$bare $$name"; continue; \
		fi; \
		found=$$name; break; \
	done; \
	if [ -z "$$found" ]; then \
		if [ -n "$$bare" ]; then \
			echo "The venv module of$$bare is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		else \
			echo "Python 3.11 or later is needed$${old:+; too old:$$old}. See https://www.python.org/downloads/" >&2; \
		fi; \
		exit 1; \
	fi; \
	if ! $(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Creating $(VENV) with $$found …"; \
		$$found -m venv --clear $(VENV); \
	fi; \
	echo "Installing what requirements-dev.txt lists …"; \
	$(PY) -m pip install --quiet --no-input -r requirements-dev.txt; \
	touch $@
