# The two commands of the README are `make book` and `make test`. Everything runs in .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
CHAPTERS := $(wildcard chapters/*.ipynb)
# One thread per process: the tests run one process per core.
THREADS := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

.PHONY: book test test-bare test-oldest pdf zip serve lint chapters new-chapter set-repository wheel clean
.DEFAULT_GOAL := book

book: $(INSTALLED)
	$(BIN)/jupyter-book build . $(BOOKFLAGS)

test: book
	$(THREADS) $(BIN)/pytest -n auto --dist loadfile
ifneq ($(CHAPTERS),)
	$(THREADS) $(BIN)/pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=120 \
		-n auto --dist loadfile $(CHAPTERS)
endif

# Every chapter with no more than Colab brings, installed by its own setup cell; the second with
# the oldest packages that are claimed to do.
test-bare: $(INSTALLED)
	$(BIN)/pytest -m bare tests/bare

test-oldest: $(INSTALLED)
	LTCBOOK_BARE=oldest $(BIN)/pytest -m bare tests/bare

# Both are linked from the first page of the built book. The PDF needs Chromium.
pdf: book
	$(BIN)/python -m book.pdf
	$(BIN)/python -m book.archive

zip: book
	$(BIN)/python -m book.archive

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m book.lint_chapters

chapters: $(INSTALLED)
	$(BIN)/python -m book.execute $(CHAPTERS)

new-chapter: $(INSTALLED)
	@$(BIN)/python -m book.new_chapter "$(NAME)"

set-repository: $(INSTALLED)
	@$(BIN)/python -m book.set_repository "$(URL)"

wheel: $(INSTALLED)
	$(BIN)/python -m pip wheel --disable-pip-version-check -q --no-deps --wheel-dir dist .

clean:
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf build dist ltcbook.egg-info

$(INSTALLED): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
		"ltcbook needs Python 3.11 or later, found %s; name one with: make PYTHON=python3.12" \
		% sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps -e .
	touch $@
