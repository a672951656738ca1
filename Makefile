# Two commands: `make demo` to see Dwell, `make test` to check it.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin

# uv installs in seconds where it is present; pip does the same work in half a minute.
define install_locked
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	fi
endef

.PHONY: demo install databases mcp pdf auth spark dev test test-fast test-spark soak-spark bench-spark fuzz lint format bench bench-live soak soak-collector soak-delivery soak-forget soak-openapi soak-mcp screenshots tracker lock clean

demo: install
	$(BIN)/dwell demo --port $(PORT)

install: .venv/.installed

# The drivers for tables of a live PostgreSQL or MySQL.
databases: .venv/.installed-extract

# What `dwell mcp` needs, and the typesetter of reports as PDF.
mcp: .venv/.installed-mcp

pdf: .venv/.installed-pdf

# What [serve.oidc] needs: people log in at a provider.
auth: .venv/.installed-auth

# What `dwell build --engine spark` needs, besides Java 17: half a gigabyte.
spark: .venv/.installed-spark

dev: .venv/.installed-dev

.venv/.installed: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(call install_locked,requirements.txt)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.installed-%: .venv/.installed requirements-%.txt
	$(call install_locked,requirements-$*.txt)
	@touch $@

test: dev
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

# For the inner loop: the rules of the house, the SQL of models and metrics, in under a minute.
FAST := tests/rules/test_layers.py tests/rules/test_texts.py tests/warehouse/models \
	tests/warehouse/metrics tests/warehouse/test_conditions.py tests/warehouse/test_dimensions.py \
	tests/warehouse/test_filters.py tests/warehouse/test_session_stats.py tests/pages/ui

test-fast: dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -q -m "not long" $(FAST)

# Breaks 5,000 copies of small files of every format and loads them; a short slice is in the tests.
fuzz: dev
	$(BIN)/python -m tests.fuzz --mutants 5000

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 warehouse etl

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev
	$(BIN)/python -m benchmarks

# How long a look at what the collector took takes, beside the demo's build.
bench-live: dev
	test -d data/builds || $(BIN)/dwell demo --no-dashboard
	$(BIN)/python -m benchmarks.live data

# The rows of both engines, of generated histories and the demo: one JVM, under five minutes.
test-spark: dev spark
	TEST_SPARK=1 $(BIN)/python -m pytest -n 0 -q tests/spark

# The same of public sets, on two executors of a small cluster; a server of Connect; executors killed.
soak-spark: dev spark
	$(BIN)/python -m tests.soak.spark

# Both engines on made-up histories of some millions of events: wall, CPU, memory.
bench-spark: dev spark
	$(BIN)/python -m benchmarks.spark

# Kills 200 loads at random moments; the suite has a short slice of it.
soak: dev
	$(BIN)/python -m tests.soak

# 5,000 calls made up of the collector's OpenAPI document; a short slice is in the tests.
soak-openapi: dev
	$(BIN)/python -m tests.soak.openapi 5000

# 1,000 calls to one `dwell mcp`, with builds published meanwhile; a short slice is in the tests.
soak-mcp: dev
	$(BIN)/python -m tests.soak.mcp

# Kills 200 collectors under load, and fills the disk of one (as root); the suite has a short slice.
soak-collector: dev
	$(BIN)/python -m tests.soak.collector

# Kills 100 processes that put and deliver messages; the suite has a short slice.
soak-delivery: dev
	$(BIN)/python -m tests.soak.delivery

# Kills 100 runs of `dwell forget`, each before a change of the disk; the suite has a short slice.
soak-forget: dev
	$(BIN)/python -m tests.soak.forget

# Pictures of all pages of the demo, light and dark, wide and narrow; looked at before a release.
screenshots: dev
	test -d data/builds || $(BIN)/dwell demo --no-dashboard
	$(BIN)/python -m tests.screenshots data build/screenshots

# The tracker that pages load, of its source. Needs Debian's esbuild.
tracker:
	esbuild static/src/dwell.js --minify --format=iife --target=es2021 --log-level=warning --outfile=static/dwell.js
	@echo "$$(gzip -9 -n -c static/dwell.js | wc -c) bytes as it is sent, of 3,072"

# Needs uv. The lock files carry hashes and no address of any registry, and no two of them have
# different releases of one package: each heeds those before it.
lock:
	before=""; for name in requirements requirements-extract requirements-mcp requirements-pdf requirements-auth requirements-spark requirements-dev; do \
		uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $$before $$name.in -o $$name.txt || exit 1; \
		before="$$before -c $$name.txt"; \
	done

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
