# Everything that people and CI run. `make demo` and `make test` work on a fresh machine with Python 3.11 or newer:
# each step is made once and looked at again only when what it depends on has changed.

SHELL := /bin/sh
# Where it is set, each of the thousand commands that the tests start would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
SHELL_FILES := make/*.sh .ci/run examples/hello/release.sh examples/hello/src/greet.sh examples/hello/src/Greet

.PHONY: help demo test test-fast lint style types arrows shell format golden screenshot benchmark benchmark-scale benchmark-edits benchmark-upload chroot-bookworm chroot-trixie chroot-forky electron-updater test-rgw clean
.DEFAULT_GOAL := help

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## Build, publish and serve the example release (DEMO=publish-only stops after publishing; PORT=8080)
	@make/system.sh demo
	@$(BIN)/python examples/demo.py $(if $(filter publish-only,$(DEMO)),--publish-only) $(if $(PORT),--port $(PORT))

test: $(VENV)/.installed-test ## Install the real clients where that is allowed, and run every test
	@make/system.sh test
	$(BIN)/pytest -n auto $(TESTS)

test-fast: $(VENV)/.installed-test ## Run the tests that take less than a few seconds
	$(BIN)/pytest -n auto -m 'not slow' $(TESTS)

electron-updater: $(VENV)/.installed-test ## Install the real electron-updater that tests run, in the cache folder
	@make/node_client.sh $(BIN)/npm electron

test-rgw: $(VENV)/.installed-test ## Run the tests about S3 against Ceph's object gateway, which is fetched first (SUITE=testing)
	@make/system.sh test
	$(BIN)/python -m tests.support.ceph $(or $(SUITE),testing) $(BIN)/pytest -n auto -m 's3 or rgw' $(TESTS)

lint: style types arrows shell ## Check style, types, the arrows between modules, and the shell files

style: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.installed-test
	$(BIN)/mypy

arrows: $(VENV)/.installed-test
	$(BIN)/lint-imports

shell:
	@if command -v shellcheck >/dev/null; then echo shellcheck $(SHELL_FILES); shellcheck $(SHELL_FILES); else echo 'shellcheck is not installed: left out'; fi

format: $(VENV)/.installed-test ## Put the code into its usual form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

golden: $(VENV)/.installed-test ## Renew the golden files and docs/configuration.md, to be read before they are committed
	$(BIN)/python make/configuration_page.py > docs/configuration.md
	UPDATE_GOLDEN=1 $(BIN)/pytest -n auto -q -m "not slow" tests
	git --no-pager diff --stat tests/golden docs/configuration.md

screenshot: $(VENV)/.installed-test ## Photograph the download page of the example release for the README
	$(BIN)/python make/screenshot.py

benchmark: $(VENV)/.installed-test ## Measure builds beside apt-ftparchive, aptly, reprepro and createrepo_c
	@make/system.sh benchmark
	$(BIN)/python benchmarks/run.py $(BENCHMARK)

benchmark-scale: $(VENV)/.installed-test ## Measure one new package for a repository of 50,000 debs and 50,000 rpms
	@make/system.sh benchmark
	$(BIN)/python benchmarks/scale.py $(BENCHMARK)

benchmark-edits: $(VENV)/.installed-test ## Measure yank, promote and rollback of a site of 300 products
	$(BIN)/python benchmarks/edits.py $(BENCHMARK)

benchmark-upload: $(VENV)/.installed-test ## Measure the first publish beside aws s3 sync, s3cmd, rclone and s5cmd
	@make/system.sh benchmark
	$(BIN)/python benchmarks/upload.py $(BENCHMARK)

chroot-trixie: ## Make the Debian 13 whose apt, dnf, rpm and zypper the tests run, in the cache folder; as root
	@make/system.sh test
	@make/chroot.sh trixie

chroot-bookworm: ## The same of Debian 12 with apt alone, for install.sh
	@make/system.sh test
	@make/chroot.sh bookworm

chroot-forky: ## The same of Debian's next release, which has dnf 5, rpm 6 and apt 3.3
	@make/system.sh test
	@make/chroot.sh forky

clean: ## Remove everything that was made, the environment too
	rm -rf $(VENV) demo build dist public .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/artifacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml make/venv.sh
	@make/venv.sh $(VENV) ''
	@touch $@

$(VENV)/.installed-test: pyproject.toml make/venv.sh
	@make/venv.sh $(VENV) '[test]'
	@touch $(VENV)/.installed $@
