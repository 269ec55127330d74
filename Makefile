# Every target sets up what it needs: a fresh machine needs Python 3.11+ and make, nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Where this variable is set, every notebook kernel would compile its imports anew (10 s each).
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

report: $(READY) ## Build the example study and make its reports; the last line says where they lie
	@$(BIN)/research run example

test: $(READY) ## Run all tests
	@$(BIN)/python -m pytest

lab: $(READY) ## Open JupyterLab on the notebooks
	@$(BIN)/research lab

verify: $(READY) ## Run the relations on 500 examples and the slow simulations (two hours)
	@RESEARCH_EXAMPLES=500 $(BIN)/python -m pytest tests/stats tests/end_to_end/test_golden.py \
	    tests/end_to_end/test_in_browser.py tests/end_to_end/test_real_studies.py
	@$(BIN)/python -m tests.simulations
	@$(BIN)/python -m tests.simulations.missing
	@$(BIN)/python -m tests.simulations.careless
	@$(BIN)/python -m tests.simulations.checked_pages
	@$(BIN)/python -m tests.simulations.leaks
	@$(BIN)/python -m tests.simulations.distributions
	@$(BIN)/python -m tests.simulations.releases

bench: $(READY) ## Time the statistics against the usual loops; prints ratios
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python benchmarks/tests_and_resampling.py
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python benchmarks/measurement.py
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python benchmarks/import_speed.py

lock: $(READY) ## Renew requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --extra test -o requirements.lock pyproject.toml

clean: ## Remove the environment and what was made of the example; other studies stay
	@rm -rf .venv build src/*.egg-info reports/example data/processed/example

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 report" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up (once, one to three minutes) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --compile-bytecode -e .
	@touch $(READY)

.PHONY: help report test lab verify bench lock clean
