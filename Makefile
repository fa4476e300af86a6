# Every command here works on a fresh clone with Python 3.11.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
NODE := codegen/node/node_modules/.installed
FUZZ_SECONDS ?= 300
FUZZ_INPUTS ?= 2000000

.PHONY: demo test gen check-gen breaking lock lint conformance fuzz bench coverage model clean help

help:  ## Show what there is to make.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt "torch==2.13.0"
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt \
		--config-settings editable_mode=compat -e ".[recreate,jxl,inspect,dev]"
	touch $(STAMP)

$(NODE): codegen/node/package-lock.json
	npm ci --prefix codegen/node --silent --no-audit --no-fund
	touch $(NODE)

demo: $(STAMP)  ## Generate, save, recreate and compare, on the model in the package.
	$(BIN)/python -m benchmarks.demo

test: lint check-gen  ## Run all tests, after ruff, mypy and the compiler's checks.
	$(BIN)/python -m pytest -n 2 --dist loadfile

gen: $(STAMP) $(NODE)  ## Compile the schema into every target, and the TypeScript into JavaScript.
	$(BIN)/python -m codegen generate
	$(BIN)/python -m codegen javascript

check-gen: $(STAMP) $(NODE)  ## Prove that the generated files are what the schema gives.
	$(BIN)/python -m codegen check
	$(BIN)/python -m codegen javascript --check

breaking: $(STAMP)  ## Compare the schema with the last release.
	$(BIN)/python -m codegen breaking

lock: $(STAMP)  ## Freeze the schema as a release.
	$(BIN)/python -m codegen lock

lint: $(STAMP)  ## ruff, mypy --strict, and the schema's own rules.
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m codegen lint
	$(BIN)/python -m codegen breaking

conformance: $(STAMP) $(NODE)  ## Every case of tests/conformance through every implementation.
	$(BIN)/python -m tests.conformance.run

fuzz: $(STAMP) $(NODE)  ## Fuzz the decoder and the importers for FUZZ_SECONDS (300) each, then FUZZ_INPUTS (2000000) through three codecs.
	$(BIN)/python -m tests.fuzz.run --seconds $(FUZZ_SECONDS)
	$(BIN)/python -m tests.fuzz.run --importers --seconds $(FUZZ_SECONDS)
	$(BIN)/python -m tests.conformance.fuzz --inputs $(FUZZ_INPUTS)

bench: $(STAMP)  ## Print every figure of docs/measurements.md.
	$(BIN)/python -m benchmarks.all

coverage: $(STAMP)  ## Line and branch coverage of the generated codec and of the file.
	$(BIN)/python -m benchmarks.coverage

model: $(STAMP)  ## Train the embedded model from nothing (its stages took 45 minutes).
	$(BIN)/python -m benchmarks.world.build

clean:  ## Remove what was made here.
	rm -rf .venv build dist *.egg-info demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov \
		tests/fuzz/found tests/conformance/found codegen/node/node_modules tests/fuzz/found-importers
