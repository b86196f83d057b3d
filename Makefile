# Everything that a person or CI does here is a target below; `make` alone lists them.
# Arguments: STAGE (dev; staging for rehearsals), DATA (raw records; made up when empty),
# SPEED (of a rehearsal), FAULT (which), PRETEND (a mistake to make on purpose), KEEP=1 (leave it running),
# BUILD (where a rehearsal works), RUNTIME=docker (tasks as containers) and BASE_IMAGE (what those are built on),
# IMAGE (the digest that synth puts into the templates; to ship, with its repository),
# FROM and TO (of a promotion; TO also names the release to roll back to),
# DRY_RUN=1, CONFIRM (the stage again) and UNLOCK=1 (for teardown).

PYTHON ?= python3.11
STAGE ?= dev
DATA ?=
KEEP ?=
BUILD ?= build
SPEED ?=
RUNTIME ?=
BASE_IMAGE ?=
FAULT ?=
PRETEND ?=
DRY_RUN ?=
CONFIRM ?=
UNLOCK ?=
export DATA
# A literal digest completes the templates; zeros synthesise and can never be pulled.
IMAGE ?= sha256:0000000000000000000000000000000000000000000000000000000000000000

BIN := .venv/bin
CDK := node_modules/.bin/cdk
PACKAGE := build/package
# The tools know the folder they were installed in, so a clone that was moved installs them anew.
HERE := $(shell printf '%s' '$(subst ','\'',$(CURDIR))' | cksum | cut -d ' ' -f 1)
READY := .venv/.ready-$(HERE) .venv-service/.ready-$(HERE) node_modules/.ready
# One checker pins an old boto3, so it has a folder of its own, which only the whole test needs.
CHECKOV := .venv-checkov/.ready-$(HERE)
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Node would leave a cache in the folder for temporary files.
export NODE_DISABLE_COMPILE_CACHE := 1
# Everything that is downloaded or unpacked for this folder stays in it.
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/.venv/cache/jsii
export npm_config_cache := $(CURDIR)/.venv/cache/npm
PIP_FLAGS := --quiet --require-hashes --disable-pip-version-check --no-input

# The shell reads arguments from its environment, so that no quote in them ends a word. What stands on the command
# line is there already; these have a default as well.
synth status history: export STAGE := $(STAGE)
synth: export IMAGE := $(IMAGE)
rehearse rehearse-faults rehearse-stop: export BUILD := $(BUILD)
# A rehearsal shows most where traffic moves in steps and tasks are two.
rehearse rehearse-faults: export STAGE := $(if $(filter environment%,$(origin STAGE)),$(STAGE),staging)

# What changes AWS takes its arguments from the command line alone: a variable that was exported for something else
# releases nothing.
need = $(foreach name,$(1),test "$(origin $(name))" = "command line" || { echo "$@: give $(name), as in: make $@ $(2)" >&2; exit 2; };)

REHEARSE = exec $(BIN)/python -m rehearsal --stage "$$STAGE" --build "$$BUILD" $(if $(SPEED),--speed "$$SPEED") \
    $(if $(RUNTIME),--runtime "$$RUNTIME") $(if $(BASE_IMAGE),--base-image "$$BASE_IMAGE") \
    $(if $(DATA),--data "$$DATA") $(if $(PRETEND),--pretend "$$PRETEND") $(if $(filter-out 0 no,$(KEEP)),--keep)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup train serve rehearse rehearse-faults rehearse-stop synth deploy ship promote rollback status history stop teardown test test-fast test-docker lint format docs golden bench lock clean distclean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Install the locked toolchain into this folder (quick when nothing changed)

train: $(READY) ## Train on DATA and write the model package to build/package
	@exec $(BIN)/python -m model train $(if $(DATA),--data "$$DATA") --out $(PACKAGE)

serve: $(READY) ## Serve build/package on http://127.0.0.1:8080 (trains first when there is none)
	@test -e $(PACKAGE)/manifest.json || $(MAKE) --no-print-directory train
	@SWITCHYARD_HOST=127.0.0.1 SWITCHYARD_PACKAGE=$(PACKAGE) $(BIN)/python -m service

rehearse: $(READY) ## Play three releases of STAGE (staging) under load on this machine, one of them a bad one
	@$(REHEARSE)

rehearse-faults: $(READY) ## Play the catalogue of faults, or those of FAULT=name,name
	@$(REHEARSE) --faults $(if $(FAULT),--fault "$$FAULT")

rehearse-stop: $(READY) ## End a rehearsal that KEEP=1 left running
	@$(BIN)/python -m rehearsal --build "$$BUILD" --stop

synth: $(READY) ## Write STAGE's CloudFormation templates to cdk.out, offline
	@$(CDK) synth --quiet --context stage="$$STAGE" --context image="$$IMAGE"

deploy: $(READY) ## Deploy STAGE's stacks with IMAGE (the digest that runs), unless a release is under way
	@$(call need,STAGE IMAGE,STAGE=dev IMAGE=sha256:...)
	@$(BIN)/python -m release idle --stage "$$STAGE"
	@exec $(CDK) deploy "Switchyard-$$STAGE-*" --exclusively --context stage="$$STAGE" --context image="$${IMAGE##*@}"

ship: $(READY) ## Release IMAGE (repository@sha256:...) to STAGE
	@$(call need,STAGE IMAGE,STAGE=dev IMAGE=repository@sha256:...)
	@exec $(BIN)/python -m release ship --stage "$$STAGE" --image "$$IMAGE"

promote: $(READY) ## Release to stage TO the very image that stage FROM runs
	@$(call need,FROM TO,FROM=staging TO=production)
	@exec $(BIN)/python -m release promote --from "$$FROM" --to "$$TO"

rollback: $(READY) ## Release to STAGE what ran there before, or the release TO
	@$(call need,STAGE,STAGE=dev)
	@exec $(BIN)/python -m release rollback --stage "$$STAGE" $(if $(filter command,$(origin TO)),--to "$$TO")

status: $(READY) ## Tell what runs on STAGE, what is under way and what to do next
	@exec $(BIN)/python -m release status --stage "$$STAGE"

history: $(READY) ## List the releases of STAGE, newest first
	@exec $(BIN)/python -m release history --stage "$$STAGE"

stop: $(READY) ## Stop the release under way on STAGE and have traffic go back
	@$(call need,STAGE,STAGE=dev)
	@exec $(BIN)/python -m release stop --stage "$$STAGE"

teardown: $(READY) ## Take STAGE down on AWS; DRY_RUN=1 shows what would go and what stays
	@$(call need,STAGE,STAGE=dev DRY_RUN=1)
	@exec $(BIN)/python -m infra.teardown --stage "$$STAGE" $(if $(filter-out 0 no,$(DRY_RUN)),--dry-run) $(if $(CONFIRM),--confirm "$$CONFIRM") $(if $(filter-out 0 no,$(UNLOCK)),--unlock)

test: lint $(CHECKOV) ## Run everything: lint, types, unit tests, synth and whole rehearsals
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not alone and not docker"
	@$(BIN)/python -m pytest -m alone

test-fast: $(READY) ## Run the quick tests: no server processes, no synth, no rehearsal
	@$(BIN)/python -m pytest -m "not slow"

test-docker: $(READY) ## Release a stage whose tasks are containers (needs Docker; BASE_IMAGE where none can be pulled)
	@$(if $(BASE_IMAGE),SWITCHYARD_BASE_IMAGE="$$BASE_IMAGE") $(BIN)/python -m pytest -m docker

lint: $(READY) ## Check style, types and who imports whom
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(READY) ## Rewrite the code in the house format
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

docs: $(READY) ## Write the documents that are made from the code
	@$(BIN)/python -m infra.pages

golden: $(READY) ## Write down anew what carries traffic, for the diff to be read
	@exec $(BIN)/python -m tests.infra.guards.contract

bench: $(READY) ## Measure synth against bare constructs (some minutes, on a quiet machine)
	@exec $(BIN)/python -m benchmarks.synth

lock: $(READY) ## Resolve the dependency groups anew into the hashed locks
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --upgrade pyproject.toml --group service -o service/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --upgrade pyproject.toml --group toolchain \
	    --constraint service/requirements.txt -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --upgrade pyproject.toml --group checkov -o infra/checkov/requirements.txt
	@$(BIN)/npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## Remove everything that was built; the installed tools stay
	@if $(BIN)/python -c 'import rehearsal.cli' 2>/dev/null; then $(BIN)/python -m rehearsal --stop; fi
	@rm -rf build cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv*' -not -path './node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## Remove the installed tools as well
	@rm -rf .venv .venv-service .venv-checkov node_modules

.venv/.ready-$(HERE): requirements.txt
	@echo "Installing the toolchain into .venv (once, about a minute) ..."
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or name it with PYTHON=/path/to/python3.11." >&2; exit 2; }
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements.txt
	@touch $@

.venv-service/.ready-$(HERE): service/requirements.txt .venv/.ready-$(HERE)
	@echo "Installing the service's own packages into .venv-service ..."
	@rm -rf .venv-service && $(PYTHON) -m venv .venv-service
	@.venv-service/bin/python -m pip install $(PIP_FLAGS) -r service/requirements.txt
	@touch $@

.venv-checkov/.ready-$(HERE): infra/checkov/requirements.txt .venv/.ready-$(HERE)
	@echo "Installing checkov into .venv-checkov (once, half a minute) ..."
	@rm -rf .venv-checkov && $(PYTHON) -m venv .venv-checkov
	@.venv-checkov/bin/python -m pip install $(PIP_FLAGS) -r infra/checkov/requirements.txt
	@touch $@

node_modules/.ready: package-lock.json .venv/.ready-$(HERE)
	@echo "Installing the CDK CLI into node_modules ..."
	@$(BIN)/npm ci --no-audit --no-fund --ignore-scripts --no-update-notifier --loglevel=error
	@touch $@
