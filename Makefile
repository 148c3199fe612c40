# Two commands do everything: `make run` and `make test`. Python 3.11 or later and make are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INDEX ?= index
PORT ?= 7860
TORCH ?= torch==2.13.0
# Where pip looks for PyTorch, for example its index of CPU wheels; pip's own setting when empty.
TORCH_INDEX ?=
PYTEST := $(BIN)/python -m pytest
# Processes that the tests without a browser are shared out to; each module is run by one of them.
WORKERS ?= 2
FRAMEWORKS ?= $(VENV)/frameworks

.PHONY: run test test-full frameworks lint browser eval bench soak payloads durability audit size train clean

run: $(VENV)/.installed
	NEWSQA_INDEX="$(INDEX)" NEWSQA_PORT="$(PORT)" $(BIN)/python app.py

$(VENV)/.torch:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$(TORCH)"
	touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests training benchmarks tools app.py
	$(BIN)/ruff format --check src tests training benchmarks tools app.py
	$(BIN)/mypy

browser: $(VENV)/.dev
	$(BIN)/python tests/browser/find_chromium.py

# The browser's driver keeps an event loop running, so its tests have a process of their own.
test: lint browser
	$(PYTEST) -n $(WORKERS) --dist loadscope -m "not slow" --ignore=tests/browser --durations=15
	$(PYTEST) -m "not slow" tests/browser

test-full: lint browser
	$(PYTEST) -m slow --ignore=tests/browser --durations=15
	$(PYTEST) -m slow tests/browser
	$(MAKE) frameworks

# LangChain, LlamaIndex and Haystack, some 220 MB with the plugins for pytest that their tests bring, in an
# environment of their own, so that the other tests see what users have. What .venv has is lent by a .pth file.
$(FRAMEWORKS)/.installed: $(VENV)/.dev pyproject.toml
	$(BIN)/python -m venv $(FRAMEWORKS)
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > "$$($(FRAMEWORKS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/lent.pth"
	$(FRAMEWORKS)/bin/python -m pip install --quiet --editable ".[frameworks]"
	touch $@

# The tests of the adapters are skipped where a framework is missing: here that must not be.
frameworks: $(FRAMEWORKS)/.installed
	$(FRAMEWORKS)/bin/python -c 'import haystack, langchain_tests, llama_index.core'
	$(FRAMEWORKS)/bin/python -m pytest tests/integration/frameworks/test_langchain.py tests/integration/frameworks/test_llama_index.py \
	  tests/integration/frameworks/test_haystack.py tests/integration/docs/test_api.py::test_frameworks

eval: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality.evaluate
	$(BIN)/python -m benchmarks.quality.ablations
	$(BIN)/python -m benchmarks.quality.ablations --answers
	$(BIN)/python -m benchmarks.quality.index_ablations
	$(BIN)/python -m benchmarks.quality.question_ablations

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.speed.startup
	$(BIN)/python -m benchmarks.speed.encoding
	$(BIN)/python -m benchmarks.quality.extraction
	$(BIN)/python -m benchmarks.speed.page_latency

# About a quarter of an hour; on a quiet machine.
soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.speed.soak

payloads: browser
	$(BIN)/python -m benchmarks.page.payloads

durability: $(VENV)/.dev
	$(BIN)/python -m benchmarks.durability

# Asks a public service about known faults of what is installed.
audit: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet "pip-audit>=2.7,<3"
	$(BIN)/pip-audit --skip-editable

size: $(VENV)/.installed
	$(BIN)/python tools/installed_size.py

train: $(VENV)/.dev
	$(BIN)/python -m training

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
