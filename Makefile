# make help lists what there is. Everything below only calls CMake presets and scripts/.
JOBS ?= $(shell nproc)
RELEASE := build/release
LEDGE := $(RELEASE)/ledge
PROMPT ?= Why is the sky blue? Answer in one sentence.
FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local

.PHONY: help build run chat serve test test-release test-readers test-dev test-tsan test-serve-asan \
        test-serve-tsan test-relassert coverage fuzz tidy bench format check clean install

help: ## what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

build: ## the program, at build/release/ledge
	@scripts/setup run
	@cmake --preset release -DLEDGE_TESTS=OFF >/dev/null
	@cmake --build --preset release --target ledge -j $(JOBS)

run: build ## install what is needed, build, fetch the default model, answer PROMPT
	@$(LEDGE) pull smollm2
	@$(LEDGE) run smollm2 --temperature 0 "$(PROMPT)"

serve: build ## the server on port 11434, with the default model
	@$(LEDGE) pull smollm2
	@$(LEDGE) serve --model smollm2

chat: build ## the same, as a chat
	@$(LEDGE) pull smollm2
	@$(LEDGE) run smollm2

test: test-release test-readers ## all tests, checks of the tree, and those of what reads files under sanitizers

test-release:
	@scripts/setup test
	@cmake --preset release -DLEDGE_TESTS=ON >/dev/null
	@cmake --build --preset release --target ledge ledge_tests -j $(JOBS)
	@scripts/check
	@ctest --preset release -j $(JOBS) --output-on-failure

# The layers that read what others wrote, and little else: all layers take many times as long to build.
READERS = base;os;gguf;hf;quant;tokenizer;load

test-readers: ## the tests of the layers that read files, under sanitizers
	@scripts/setup test
	@cmake --preset dev "-DLEDGE_TEST_LAYERS=$(READERS)" >/dev/null
	@cmake --build --preset dev --target ledge_tests -j $(JOBS)
	@ctest --preset dev -j $(JOBS) --output-on-failure

test-dev: ## all tests under address and undefined-behaviour sanitizers
	@scripts/setup test
	@cmake --preset dev -DLEDGE_TEST_LAYERS= >/dev/null
	@cmake --build --preset dev --target ledge ledge_tests -j $(JOBS)
	@ctest --preset dev -j $(JOBS) --output-on-failure

test-tsan: ## the threaded tests under the thread sanitizer
	@scripts/setup test
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan --target ledge_tests -j $(JOBS)
	@ctest --preset tsan -j $(JOBS) --output-on-failure

test-serve-asan: ## the server under what strangers do, with address and undefined-behaviour sanitizers
	@scripts/setup test
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --target ledge -j $(JOBS)
	@tests/serve/load.py build/dev/ledge

test-serve-tsan: ## the same with the thread sanitizer
	@scripts/setup test
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan --target ledge -j $(JOBS)
	@tests/serve/load.py build/tsan/ledge

test-relassert: ## the tests, optimised, with the standard library's assertions
	@scripts/setup test
	@cmake --preset relassert >/dev/null
	@cmake --build --preset relassert --target ledge ledge_tests -j $(JOBS)
	@ctest --preset relassert -j $(JOBS) --output-on-failure

coverage: ## which lines the tests execute, a line a folder
	@scripts/setup coverage
	@cmake --preset coverage >/dev/null
	@cmake --build --preset coverage --target ledge ledge_tests -j $(JOBS)
	@scripts/coverage $(JOBS)

fuzz: ## every fuzz target for FUZZ_SECONDS each
	@scripts/setup fuzz
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz -j $(JOBS)
	@scripts/fuzz $(FUZZ_SECONDS)

tidy: ## the static checks of .clang-tidy; slow the first time
	@scripts/setup tidy
	@JOBS=$(JOBS) scripts/tidy

bench: build ## speed of this machine with the default model, written into docs/benchmarks.md
	@$(LEDGE) pull smollm2
	@bench/table smollm2 --write
	@sed -n '/<!-- bench:table -->/,/<!-- .bench:table -->/p' docs/benchmarks.md

check: ## layers, headers, formatting
	@scripts/setup test
	@scripts/check

install: build ## the program, its manual pages and completions below PREFIX (/usr/local), within DESTDIR
	@cmake --build --preset release --target ledge_pages -j $(JOBS)
	@cmake --install $(RELEASE) --prefix $(PREFIX)

format: ## rewrite all sources with the pinned clang-format
	@scripts/setup test
	@scripts/format --write

clean: ## remove the build trees
	@rm -rf build
