# Every command of this repository. Each makes its environment in .venv when that is missing.
#
# A stamp is written last, so an installation that was interrupted is started again from nothing,
# while a change of pyproject.toml or constraints.txt only installs what is new.

PYTHON ?= python3
# Tests of one file share what is slow to make (a graded class, a zygote), so a file stays on one core.
PYTEST_ARGS ?= -n auto --dist loadfile
STUDENTS ?= 20

# nbgrader calls `alembic` by name.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

READY := .venv/.ready
READY_DEV := .venv/.ready-dev
INPUTS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help grade test lint format bench constraints

help: ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 22

grade: $(READY) ## release, grade what lies in submitted/ (a sample class where that is empty), feedback, class report
	@nabla release
	@test -n "$$(ls -A submitted 2>/dev/null)" || nabla simulate --students $(STUDENTS)
	@status=0; nabla grade || status=$$?; \
	  test $$status -gt 1 || { nabla feedback && nabla report; } || status=$$?; exit $$status

test: $(READY_DEV) ## every test
	python -m pytest $(PYTEST_ARGS)

lint: $(READY_DEV) ## style, types, arrows between the rooms
	ruff check .
	ruff format --check .
	mypy
	lint-imports

format: $(READY_DEV) ## put files into the shape that lint wants
	ruff check --fix .
	ruff format .

bench: $(READY) ## the same 20 submissions with stock nbgrader and with nabla
	python benchmarks/compare.py

constraints: $(READY_DEV) ## write constraints.txt from what is installed now
	{ echo "# Every version that CI tests with. Made by: make constraints"; \
	  python -m pip freeze --exclude-editable | sed -E 's/^(torch==[0-9.]+)\+.*/\1/' | LC_ALL=C sort -f; } > constraints.txt

$(READY): $(INPUTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "nabla needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -e $@ || $(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(READY_DEV): $(READY)
	.venv/bin/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@
