# Every verb does its own set-up and may be called at any time, in any order.
#   make run                  start the app         PORT=8501 ADDRESS=localhost
#   make test                 all tests             FAST=1 leaves out slow and browser tests, ARGS= goes to pytest, WORKERS= runs them one by one
#   make lint                 ruff and mypy
#   make bench                how fast everything is: data/bench.json, a history, the README's table  ONLY=step,page GPU=1
#   make bench-page           how long a reader waits for the next ECG, beside a page with Plotly  CLICKS=50 OUT=page-speed.json
#   make bench-readers        many readers at once, over the websocket  READERS=200 FOR=10 (minutes) OUT=readers.json
#   make train DATA=...       train a checkpoint    PRESET=tiny MINUTES=60 OUT=runs/tiny
#   make texts                collect the messages for translators   LANGUAGES=fr
#   make setup                the environment in .venv, nothing else

PYTHON  ?= python3
ADDRESS ?= localhost
PORT    ?= 8501
MINUTES ?= 60
WORKERS ?= -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip install --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup dev chromium prepare run test test-fast lint bench bench-page bench-readers train texts

help:
	@sed -n '2,11s/^# *//p' Makefile

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed and $(PYTHON) was not found: install it, or say make PYTHON=/path/to/python3.11."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed and $(PYTHON) is $$($(PYTHON) -V 2>&1): say make PYTHON=/path/to/python3.11."; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: apt-get install python3-venv)."; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The stamps make the second call quick: pip runs again only when a requirements file changes.
$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-ray.txt $(VENV)/.runtime
	$(PIP) -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.runtime

dev: $(VENV)/.dev

chromium: dev
	@$(BIN)/python tests/chromium.py

# Compiled code is kept; doing it now spares the first drawing some seconds.
$(VENV)/.compiled: engine/lanes.py engine/lane_fft.py $(VENV)/.runtime
	@echo "Compiling for this processor (once) ..."
	@$(BIN)/python -m engine bench --preset tiny --steps 1 > /dev/null
	@touch $@

prepare: setup $(VENV)/.compiled
	@$(BIN)/python -m app.prepare

run: prepare
	$(BIN)/python -m streamlit run app/main.py --server.address $(ADDRESS) --server.port $(PORT)

ifdef FAST
test: test-fast
else
test: dev chromium
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)
endif

test-fast: dev
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and not browser" $(ARGS)

lint: dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

# Without a Chromium the reading page is not measured, and the table says so.
bench: dev
	-@$(BIN)/python tests/chromium.py
	$(BIN)/python -m tests.bench --json $(or $(OUT),data/bench.json) --history tests/bench/history.jsonl --readme $(if $(ONLY),--only $(ONLY)) $(if $(GPU),--gpu)

bench-page: dev chromium
	$(BIN)/python -m tests.bench.page_speed --clicks $(or $(CLICKS),50) $(if $(OUT),--json $(OUT))

bench-readers: dev
	$(BIN)/python -m tests.load --readers $(or $(READERS),200) --minutes $(or $(FOR),10) $(if $(OUT),--json $(OUT))

train: DATA ?= $(ECG_TURING_PTBXL)
train: setup
	@test -n "$(DATA)" || { echo "Say where PTB-XL lies: make train DATA=/path/to/ptb-xl."; exit 2; }
	$(BIN)/python -m engine train --preset $(or $(PRESET),tiny) --data "$(DATA)" --out $(or $(OUT),runs/$(or $(PRESET),tiny)) --minutes $(MINUTES)

texts: setup
	$(BIN)/python -m app.language update $(LANGUAGES)
