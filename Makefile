# make test    everything that a change must pass; installs what the tests need
# make nightly the simulation of projections on many seeds (SEEDS=10000), or one told again (SEED=7)
# make vuln    known vulnerabilities of what we depend on (asks the internet)
# make fuzz    each fuzz target for FUZZTIME (default 20s)
# make golden  writes the golden files that may be written anew, for a look at the difference

GO ?= go
FUZZTIME ?= 20s
SEEDS ?= 10000
SEED ?= 0

# Packages with concurrency run under the race detector, the others without.
RACE := ./blobs/... ./commands/... ./delivery/... ./eventlog/... ./httpapi/... ./projections/... ./readapi/... ./readmodel/...
PLAIN = $(shell $(GO) list ./... | grep -vE '/(blobs|commands|delivery|eventlog|httpapi|projections|readapi|readmodel)(/|$$)')

.PHONY: test setup check unit race node esdb nightly vuln fuzz golden

test: setup check race unit node esdb

setup:
	@sh scripts/setup-tests.sh

check:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# The property test of who may see what checks more where nothing slows it down, and
# so does the simulation of projections.
unit:
	$(GO) test $(PLAIN) ./readapi
	$(GO) test -run '^TestSimulation$$' ./projections

race:
	$(GO) test -race $(RACE)

# EventStoreDB's Node client against the log, with its session, or a sentence
# that says why there is none.
node:
	$(GO) test -count=1 -v -run '^TestNodeClient$$|^TestEventStoreClientsReadTheDemo$$' ./eventlog/esdbserver ./cmd/lobby

# The log on a real EventStoreDB or KurrentDB, where LOBBY_TEST_ESDB names one, or
# a sentence that says that there is none.
esdb:
	$(GO) test -count=1 -v -run '^TestRealServer$$' ./eventlog/esdblog

nightly:
	$(GO) test -count 1 -timeout 2h -v -run '^TestSimulation$$' ./projections -simulation.seeds $(SEEDS) -simulation.seed $(SEED)

vuln:
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest ./...

fuzz:
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$package || exit 1; \
		done; \
	done

golden:
	$(GO) test ./stories/... ./domain/catalogue/... -update
