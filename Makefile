# One place for the commands of the project: deps, test, release, install, bench. What each step of a test does stands in
# Tests/steps; how the release is linked and installed, in packaging/release.mk.

all: release

help:
	@echo 'make deps        the Debian packages that building and testing need'
	@echo 'make demo        C, Python and Swift at work on an API server in memory (the first time up to 20 minutes)'
	@echo 'make test        everything: Swift and C tests, real API servers, valgrind, sanitizers (up to an hour when nothing is cached)'
	@echo 'make test-quick  the Swift tests only'
	@echo 'make test-NAME   the steps of Tests/steps whose name holds NAME'
	@echo 'make test-long   a million simulated lives, every mutant, half an hour of each fuzz target, an hour of faults (4 hours)'
	@echo 'make fuzz        the fuzz targets, each for FUZZ_SECONDS (60)'
	@echo 'make conformance KUBECONFIG=PATH   the conformance suite on any server that has the CRDs and samples of Tests/crds'
	@echo 'make release     libkubecr.so, self-contained'
	@echo 'make testserver  .build/debug/kubecr-testserver (its manual: Sources/kubecr-testserver/README.md)'
	@echo 'make faultproxy  .build/debug/kubecr-faultproxy (its manual: Sources/kubecr-faultproxy/README.md)'
	@echo 'make install     PREFIX= DESTDIR='
	@echo 'make bench       the bench: C, Python and Swift beside the floor and the Python clients of PyPI (20 minutes)'
	@echo 'make bench-quick the C API beside the floor'
	@echo 'make clean       removes what was built'

deps:
	@.ci/deps

bench-deps:
	@.ci/deps bench

demo: deps
	@examples/demo.sh

test: deps
	@Tests/run.sh

test-quick:
	@Tests/run.sh swift-build swift-tests

test-long: deps
	@Tests/long.sh

test-%:
	@Tests/run.sh $*

fuzz: deps
	@Tests/fuzz/run.sh

conformance: deps
	@Tests/run.sh swift-build swift-examples 20-release c-build c-stories
	@Tests/conformance/run.sh kubeconfig

testserver:
	@KUBECR_TESTSERVER=1 swift build -j $${JOBS:-$$(nproc)} --product kubecr-testserver

faultproxy:
	@swift build -j $${JOBS:-$$(nproc)} --product kubecr-faultproxy

bench: bench-deps
	@bench/bench.sh all

bench-quick: bench-deps
	@bench/bench.sh quick

clean:
	rm -rf .build .build-release .build-asan .build-tsan .build-fuzz .build-simulation .build-mutants examples/swift/.build examples/c/bin Tests/conformance/bin
	$(MAKE) -C bench/replay clean
	rm -rf bench/peers/floor/floor bench/peers/kubecr/kubecr bench/peers/kubecr-swift/.build

.PHONY: all help deps bench-deps bench-quick demo test test-quick test-long testserver faultproxy conformance fuzz bench clean

-include packaging/release.mk
