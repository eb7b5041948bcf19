PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-emit-options
QUICK := $(addprefix tests/,mappings state engine http dashly intercom archive config host)

.PHONY: help demo quick test long check pages format lint types contracts contract-foreign fuzz simulate mutants lock build \
	install-check clean numbers bench bench-fleet fleet-test

help:
	@echo "make demo    the main job, end to end, on the sandbox"
	@echo "make quick   the tests of single modules, for the loop of editing and trying"
	@echo "make test    all tests but what is searched at length; before a commit"
	@echo "make long    the rest: every kill point, every switch, every golden page, real processes"
	@echo "make check   format, lint, types, import contracts, dependencies, test, long; what CI runs"
	@echo "make pages   write anew what is made from the program: docs/cli.md, docs/configuration.md, man pages, completion"
	@echo "make install-check    install as README says, into an environment of its own, and run the demo there"
	@echo "make contract-foreign    official clients and extractors against the sandbox; needs npm and a registry"
	@echo "make bench          what a backfill, a check and a quiet pass take; some minutes, and a quiet machine"
	@echo "make bench-fleet    what 50 and 300 quiet pairs cost in one process, and 50 on two hosts; ten minutes"
	@echo "make fleet-test     several hosts over a PostgreSQL while people write and things break; STORMS=3 seeds"
	@echo "make fuzz    the long sweeps; SEED=n make fuzz repeats one"
	@echo "make mutants how many of 200 changed places the tests notice; COUNT=n, SEED=n"
	@echo "make simulate    whole weeks of both helpdesks for MINUTES=10; SEED=n DAYS=7 make simulate repeats one"

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)
	@$(BIN)/connector demo

quick: $(READY)
	$(BIN)/python -m pytest -q -n 2 -m "not long" --hypothesis-profile=quick $(QUICK)

test: $(READY)
	$(BIN)/python -m pytest -q -n 2 -m "not long"

long: $(READY)
	$(BIN)/python -m pytest -q -n 2 -m long

check: format lint types contracts test long

# What the program says of itself: after a change of a command, an option, a key or an exit code.
pages: $(READY)
	$(BIN)/python -m connector.cli.manual.document > docs/cli.md
	$(BIN)/python -m connector.config.document > docs/configuration.md
	$(BIN)/python -m connector.cli.manual.share share

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports
	$(BIN)/deptry .

contract-foreign: $(READY)
	@$(BIN)/python -m tests.contract.foreign.run

fuzz: $(READY)
	@seed=$${SEED:-$$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}; \
	SEED=$$seed $(BIN)/python -m pytest -q -n 2 -m sweep --hypothesis-profile=sweep --hypothesis-seed=$$seed \
		--randomly-seed=$$seed; \
	code=$$?; echo "The seed was $$seed: SEED=$$seed make fuzz repeats this."; exit $$code

mutants: $(READY)
	@$(BIN)/python -m tests.mutants.run --count $${COUNT:-200} $${SEED:+--seed $$SEED}

bench: $(READY)
	@$(BIN)/python benchmarks/measure.py

bench-fleet: $(READY)
	@$(BIN)/python -m benchmarks.fleet 50 300
	@$(BIN)/python -m benchmarks.fleet --hosts 50

fleet-test: $(READY)
	STORMS=$${STORMS:-3} $(BIN)/python -m pytest -q -p no:randomly -rs tests/fleet/test_seats.py tests/fleet/test_worker.py tests/fleet/test_hosts.py \
		tests/fleet/test_storms.py tests/fleet/test_mutants.py

simulate: $(READY)
	@$(BIN)/python -m tests.simulator.run --minutes $${MINUTES:-10} --days $${DAYS:-7} $${SEED:+--seed $$SEED} \
		--scripts $${SCRIPTS:-build/simulator}

numbers: $(READY)
	@$(BIN)/python -m tests.meta.count_code
	@$(BIN)/python -m tests.meta.follow_reply

lock:
	$(LOCK) --extra dev --extra fleet -o requirements-dev.txt pyproject.toml
	$(LOCK) --extra build -c requirements-dev.txt -o requirements.txt pyproject.toml
	$(LOCK) --extra build --extra hooks -c requirements-dev.txt -o requirements-hooks.txt pyproject.toml
	$(LOCK) --extra build --extra fleet -c requirements-dev.txt -o requirements-fleet.txt pyproject.toml

build: $(READY)
	$(BIN)/python -m hatchling build

# What README tells a user to type, with what they get and nothing else.
install-check:
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder/venv" \
	&& "$$folder/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements.txt \
	&& "$$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation . \
	&& "$$folder/venv/bin/pip" check && cd "$$folder" && venv/bin/connector demo

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
