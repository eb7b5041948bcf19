PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test check format lint types contracts fuzz lock build clean

help:
	@echo "make demo    the main job, end to end, on the sandbox"
	@echo "make test    all quick tests"
	@echo "make check   format, lint, types, import contracts, dependencies, tests"
	@echo "make fuzz    the long sweeps (SEED=n repeats one)"

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)
	@$(BIN)/connector demo

test: $(READY)
	$(BIN)/python -m pytest -q -n 2

check: format lint types contracts test

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports
	$(BIN)/deptry .

fuzz: $(READY)
	$(BIN)/python -m pytest -q -n 2 -m sweep --hypothesis-profile=sweep $(if $(SEED),-p no:randomly --hypothesis-seed=$(SEED))

lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --extra dev -o requirements.txt pyproject.toml

build: $(READY)
	$(BIN)/python -m hatchling build

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
