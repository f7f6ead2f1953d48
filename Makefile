# The developer's interface. Each target sets up what it needs; make plots and make test work in a fresh clone.
PYTHON ?= python3
VENV := .venv/bin
ORACLE := .venv-oracle/bin
FLOAT32 := .venv-oracle-float32/bin
ORIGINALS := torch==2.13.0 transformers==5.24.0 accelerate addict yapf termcolor rich
SCHEDULERS_OF := timm==1.0.31 mmengine==0.10.7 fvcore==0.1.5.post20221221  # and not what the rest of them needs
PARALLEL := --numprocesses auto --dist worksteal
SEEDED = $(if $(SEED),--hypothesis-seed $(SEED))
HANGING := -o faulthandler_timeout=120 -o faulthandler_exit_on_timeout=true
COVERED := tests/schedulers lrplot/schedulers tests/test_simulation.py tests/test_extending.py
MEASURED := --cov=lrplot.schedulers --cov-branch --cov-fail-under=100
ENVIRONMENTS := .venv-oracle/installed .venv-oracle/originals .venv-oracle-float32/installed
INSTALL = -m pip install --quiet --disable-pip-version-check --no-compile
DOWNLOAD = -m pip download --quiet --disable-pip-version-check --no-deps

.PHONY: plots test lint oracle oracle-float64 oracle-float32 originals golden docs gallery bench oldest fuzz browser window dist clean

plots: .venv/installed  ## render configs/ into plots/
	$(VENV)/lrplot batch configs -o plots

export PYTHONDONTWRITEBYTECODE =  # a hundred processes need not compile the same again

test: export PYTEST_XDIST_AUTO_NUM_WORKERS = $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")  # some wait for processes
test: .venv/developing  ## the tests, without torch; with COVERAGE=1, more drawn at random, and all branches of the schedulers; SEED=1 as below
	$(VENV)/python -m pytest -q $(PARALLEL) $(HANGING) $(SEEDED) $(if $(COVERAGE),--hypothesis-profile thorough $(COVERED:%=--ignore=%))
	$(if $(COVERAGE),$(VENV)/python -m pytest -q $(PARALLEL) $(HANGING) $(SEEDED) --hypothesis-profile thorough $(MEASURED) $(COVERED))

lint: .venv/developing
	$(VENV)/ruff check lrplot tests
	$(VENV)/ruff format --check lrplot tests
	$(VENV)/mypy
	$(VENV)/python -m tests.house

oracle: oracle-float64 oracle-float32  ## every scheduler against its original, bit by bit; with SEED=1, the same cases each time

oracle-%: export LRPLOT_SEED = $(SEED)
oracle-float64: $(ENVIRONMENTS)
	$(ORACLE)/python -m pytest -q $(PARALLEL) tests/oracle

oracle-float32: $(ENVIRONMENTS)
	$(FLOAT32)/python -m pytest -q $(PARALLEL) tests/oracle/test_optax.py tests/oracle/test_keras.py tests/oracle/test_code_float32.py

originals: $(ENVIRONMENTS)  ## the environments of the originals: a few minutes, in which the tests can run

golden: $(ENVIRONMENTS)  ## record tests/golden/ anew from the originals
	$(ORACLE)/python -m tests.golden.record
	$(FLOAT32)/python -m tests.golden.float32

docs: .venv/developing  ## the parts of the README that the program writes
	$(VENV)/cog -I . -r README.md

gallery: .venv/installed  ## the README's pictures: small ones for its sheets, so that their words can be read there
	for config in configs/tutorial/* configs/examples/*; do \
		picture=configs/gallery/$$(basename $$(dirname $$config))/$$(basename $${config%.*}).png; \
		$(VENV)/lrplot plot $$config --size 800x467 -o $$picture || exit 1; \
	done
	$(VENV)/lrplot plot configs/examples/warmup_cosine.yaml -o configs/gallery/light.png
	$(VENV)/lrplot plot configs/examples/warmup_cosine.yaml --theme dark -o configs/gallery/dark.png
	$(VENV)/lrplot plot configs/tutorial/cosine.yaml configs/tutorial/step.yaml configs/tutorial/multistep.yaml configs/tutorial/exponential.yaml \
		--record used --record get_lr --title "What the optimizer uses, and what get_lr() answers" --facet -o configs/gallery/truth_and_reading.png

bench: $(ENVIRONMENTS)  ## speed, against the originals, matplotlib and click, as ratios
	$(ORACLE)/python -m tests.bench
	$(FLOAT32)/python -m tests.bench.bench_float32

oldest: .venv-oldest/installed  ## the tests with the oldest versions that pyproject.toml admits
	.venv-oldest/bin/python -m pytest -q $(PARALLEL)

fuzz: .venv/fuzzing  ## strange input: 20,000 commands, and the readers for LRPLOT_FUZZ_SECONDS (300) under atheris
	$(VENV)/python -m pytest -q tests/fuzz

browser: .venv/browsing  ## batch's index page in chromium
	tests/browser/run.sh

window: .venv/developing  ## the window, on a virtual screen
	tests/window/run.sh

dist: .venv/packaging  ## the packages, in dist/; REPOSITORY=https://… is where their README's links and pictures lead
	@test -n "$(REPOSITORY)" || { echo "make dist: REPOSITORY=https://… says where the README's pictures are to be had" >&2; exit 2; }
	rm -rf build/packaged dist && mkdir -p build/packaged
	git archive HEAD | tar -x -C build/packaged
	$(VENV)/python -m tests.links build/packaged "$(REPOSITORY)"
	$(VENV)/python -m build --outdir dist build/packaged
	$(VENV)/twine check --strict dist/*

clean:
	rm -rf .venv .venv-oracle .venv-oracle-float32 .venv-oldest plots build dist *.egg-info

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	$(VENV)/python $(INSTALL) -e .
	touch $@

.venv/developing: pyproject.toml | .venv/bin/python
	$(VENV)/python $(INSTALL) -e '.[dev]'
	touch .venv/installed $@

.venv/fuzzing: pyproject.toml .venv/developing
	$(VENV)/python $(INSTALL) --only-binary atheris -e '.[fuzz]' || \
		{ echo "make fuzz: there is no atheris for $$($(VENV)/python -V) on $$(uname -sm): try make clean fuzz PYTHON=python3.11, on Linux" >&2; exit 1; }
	touch $@

.venv/browsing: pyproject.toml | .venv/bin/python
	$(VENV)/python $(INSTALL) -e '.[dev,browser]'
	touch .venv/installed .venv/developing $@

.venv/packaging: pyproject.toml .venv/developing
	$(VENV)/python $(INSTALL) -e '.[packages]'
	touch $@

.venv-oracle-float32/installed: pyproject.toml
	$(PYTHON) -m venv .venv-oracle-float32
	$(FLOAT32)/python $(INSTALL) jax==0.10.2 optax==0.2.8 keras==3.15.1 tensorflow-cpu==2.21.0 pytest pytest-xdist hypothesis -e .
	$(FLOAT32)/python -c "import jax, keras, optax, tensorflow"  # compiled once, and not by each worker
	touch $@

.venv-oracle/installed: pyproject.toml
	$(PYTHON) -m venv .venv-oracle
	$(ORACLE)/python $(INSTALL) $(ORIGINALS) hypothesis pytest pytest-xdist -e .
	$(ORACLE)/python $(INSTALL) --no-deps $(SCHEDULERS_OF)
	$(ORACLE)/python -c "import mmengine, torch; from transformers import Trainer"  # compiled once
	touch $@

.venv-oracle/originals: Makefile | .venv-oracle/installed  # packages of which single modules are read, as large as they are
	rm -rf $@ $@.part
	$(ORACLE)/python $(DOWNLOAD) --dest $@.part --no-binary deepspeed deepspeed==0.19.8
	echo 'setuptools<81' > $@.part/setuptools.txt  # for mmcv's setup.py, which asks for what newer ones have not
	PIP_CONSTRAINT=$@.part/setuptools.txt $(ORACLE)/python $(DOWNLOAD) --dest $@.part --no-binary mmcv mmcv==1.7.2
	$(ORACLE)/python $(DOWNLOAD) --dest $@.part --only-binary :all: --platform manylinux1_x86_64 --python-version 3.8 fairseq==0.12.2
	$(ORACLE)/python $(DOWNLOAD) --dest $@.part --only-binary :all: --platform manylinux_2_28_x86_64 --python-version 3.11 \
		axolotl==0.19.0 diffusers==0.42.1 llm-foundry==0.22.0 megatron-core==0.16.1 mosaicml==0.32.1 nemo-toolkit==3.0.0 \
		paddledet==2.6.0 torchtitan==0.3.0 torchtune==0.6.1 ultralytics==8.4.190
	mv $@.part $@

.venv-oldest/installed: pyproject.toml
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python $(INSTALL) -e '.[dev]' $$(sed -n '/^dependencies/s/[^"]*"\([^"]*\)"[^"]*/\1 /gp' pyproject.toml | sed 's/>=/==/g')
	touch $@
