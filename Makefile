.DEFAULT_GOAL := help
PYTHON ?= python3.11
CATALOG ?= ml-100k
MEDIA ?=

.PHONY: help install demo test lock browsers

help:  ## Show the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

install:  ## Make .venv with everything that this machine can use (GPU or CPU)
	@PYTHON=$(PYTHON) bash scripts/install.sh

demo: install  ## Prepare MovieLens-100K and serve the page and the API on 127.0.0.1:7860
	@.venv/bin/tastemaker prepare --catalog $(CATALOG) $(if $(MEDIA),--media "$(MEDIA)")
	@exec .venv/bin/tastemaker serve --catalog $(notdir $(CATALOG))

test: install browsers  ## Lint, types, import rules and all tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest

browsers:
	@bash scripts/system_packages.sh

lock: install  ## Resolve the dependencies anew into requirements/
	bash scripts/lock.sh
