# Needs Go and make. `make` alone lists the targets.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unreleased)
GOBUILD  = CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
WORKERS ?= 2
FUZZTIME ?= 30s

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build both commands into bin/
	$(GOBUILD) -o bin/ ./cmd/enqueue ./cmd/worker

# Each of the two examples has two invalid units on purpose: exit code 1 is the right
# answer, and every other one fails the target.
.PHONY: run
run: build ## validate the two examples, without a Redis of yours
	@for repo in examples/modules examples/fleet; do \
		echo; echo "$$ enqueue run --repo $$repo"; \
		status=0; env -u MUSTER_REDIS bin/enqueue run --repo $$repo || status=$$?; \
		if [ $$status -ne 1 ]; then \
			echo "make run: enqueue run exited $$status, where 1 was expected" >&2; exit 1; \
		fi; \
	done; \
	echo "make run: enqueue run exited 1 each time: both have invalid units, as examples should"

.PHONY: test
test: ## run all tests with the race detector and a real redis-server
	@bash test/suite.sh

.PHONY: browser
browser: ## open the HTML report in a headless Chromium, and use it
	@MUSTER_REQUIRE_BROWSER=1 bash test/browser.sh

.PHONY: lint
lint: ## check format, code, modules, scripts and known vulnerabilities
	@bash test/lint.sh

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s) each
	@bash test/fuzz.sh $(FUZZTIME)

.PHONY: docs
docs: ## write the pages that the program writes
	go run ./cmd/enqueue rules --format markdown > docs/rules.md
	go test -count=1 ./cmd/enqueue -run 'TestPages|TestReadme' -pages
	cp manifest/testdata/reference.md docs/manifest.md

FAULTS = -v -timeout 60m -parallel 4
.PHONY: faults
faults: ## prove what a run survives, and write it down; or ROW=7 alone, REPEAT=200 times, FLEET=muster over another one
ifneq ($(ROW)$(FLEET),)
	go test -count=1 $(FAULTS) ./test/faults -run TestFaults $(if $(ROW),-row $(ROW),-full) $(if $(FLEET),-fleet $(FLEET)) $(if $(REPEAT),-repeat $(REPEAT))
else
	go test -count=1 $(FAULTS) ./test/faults -run TestFaults -full -page $(CURDIR)/docs/faults.md
endif

.PHONY: bench
bench: ## measure, and write docs/benchmarks.md; or ROW=a alone, RUNS=1 once, QUICK=1 for a look
ifneq ($(ROW)$(RUNS)$(QUICK),)
	go run ./test/bench $(if $(ROW),-row $(ROW)) $(if $(RUNS),-runs $(RUNS)) $(if $(QUICK),-quick)
else
	go run ./test/bench -page docs/benchmarks.md -readme README.md
endif

.PHONY: up
up: ## start Redis and WORKERS (2) workers with Docker
	MUSTER_VERSION=$(VERSION) $(COMPOSE) up --detach --build --scale worker=$(WORKERS)

.PHONY: down
down: ## stop them; Redis keeps its volume
	$(COMPOSE) down
