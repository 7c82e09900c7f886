# Two commands do everything: `make run` and `make test`. `make help` lists the rest.

# `make run` binds to loopback, where open access is allowed; every setting can be overridden as VITRINE_… variables.
RUN_ENVIRONMENT = VITRINE_WEB_ACCESS=$${VITRINE_WEB_ACCESS:-open} VITRINE_DISPLAY_ORDER=$${VITRINE_DISPLAY_ORDER:-headless}

# GPIO (SPI panels, buttons) where libgpiod 2 is; without it all the rest builds. Looked up once the packages are there.
TRAITS = $(shell pkg-config --atleast-version=2 libgpiod 2>/dev/null && echo --traits GPIO)

# What a user runs: optimised, with the Swift runtime inside, as on the card.
RELEASE = -c release --static-swift-stdlib $(TRAITS)
# What is tested: optimised too (pixel kernels are some 50 times slower without), with internals visible.
TESTING = -c release -Xswiftc -enable-testing --scratch-path .build/testing $(TRAITS)

ROUNDS ?= 20
BOOT_ROUNDS = $(if $(filter command line environment,$(origin ROUNDS)),$(ROUNDS),1)
DAMAGED ?= 20
BENCH_ROUNDS = $(if $(filter command line environment,$(origin ROUNDS)),$(ROUNDS),3)
LAB_ROUNDS = $(if $(filter command line environment,$(origin ROUNDS)),$(ROUNDS),3)
SEED ?= 1
# Seconds of frames that are counted.
PACING ?= 600
DAYS ?= 7
MINUTES ?= 10

.PHONY: help run build test unit-test end-to-end lint format campaign endurance scarce bench clean test-build dependencies run-dependencies install-test image-dependencies cross image boot-test boot-picture bench-boot bench-board lab lab-boot lab-test

help:
	@echo "make run       build and start the appliance here; no hardware needed"
	@echo "make test      build, and run all tests"
	@echo "make lint      style, and warnings as errors"
	@echo "make campaign ROUNDS=300   kills and broken files, at random moments"
	@echo "make endurance DAYS=7      days of programme as fast as they can be computed; what they leave behind"
	@echo "make scarce MINUTES=10     720p in a control group of 96 MB, and a cache that gives back; as root"
	@echo "make bench     what it costs, against ffmpeg and mpv, in one run"
	@echo "make install-test          install.sh and uninstall.sh, in a Debian root of its own"
	@echo "make cross     the two programs for the board (arm64), in the cache folder; docs/lab.md"
	@echo "make lab-test ROUNDS=3     they drive a screen on an emulated board; docs/lab.md"
	@echo "make image     the card image, in the cache folder; docs/boot.md"
	@echo "make boot-test ROUNDS=20   boots it on emulated boards, damages its data, pulls the plug; docs/lab.md"
	@echo "make bench-boot ROUNDS=3   seconds to its first picture, against a plain Debian's login prompt; docs/boot.md"
	@echo "make bench-board ROUNDS=5  a clip on an emulated board's screen, against mpv's; docs/performance.md"
	@echo "make build     the two programs, in .build/release"

run: build
	@$(RUN_ENVIRONMENT) .build/release/vitrine run

run-dependencies:
	@scripts/dependencies.sh run

# What is installed decides about TRAITS: a recipe is expanded before its first line runs, so that is a target of its own.
build: run-dependencies
	swift build $(RELEASE) --product vitrine
	swift build $(RELEASE) --product vitrine-decoder

test: unit-test end-to-end

dependencies:
	@scripts/dependencies.sh test

# Warnings of ours are errors here; those of packages are their own business.
test-build: dependencies
	VITRINE_STRICT=1 swift build $(TESTING) --build-tests

# One after the other: some work real processes, and starve each other on a board with few cores.
unit-test: test-build
	VITRINE_STRICT=1 swift test $(TESTING) --skip-build --no-parallel

end-to-end: test-build
	Tests/EndToEnd/run $(CURDIR)/.build/testing/release

campaign: test-build
	Tests/EndToEnd/campaign $(CURDIR)/.build/testing/release --rounds $(ROUNDS) --seed $(SEED)

endurance: build
	swift build $(RELEASE) --product EnduranceBenchmark
	benchmarks/endurance $(CURDIR)/.build/release --days $(DAYS) --write docs/performance.md

scarce: build
	benchmarks/scarce $(CURDIR)/.build/release --minutes $(MINUTES) --write docs/performance.md

lint:
	@scripts/lint.sh

format:
	swift format -i -p -r --configuration .swift-format Package.swift Sources Tests

bench: build
	@scripts/dependencies.sh bench
	benchmarks/run $(CURDIR)/.build/release --write docs/performance.md
	swift build $(RELEASE) --product DecodeBenchmark
	benchmarks/decode $(CURDIR)/.build/release --write docs/performance.md
	benchmarks/loop $(CURDIR)/.build/release --write docs/performance.md
	swift build $(RELEASE) --product PacingBenchmark
	benchmarks/pacing $(CURDIR)/.build/release --seconds $(PACING) --write docs/performance.md
	swift build $(RELEASE) --product PanelBenchmark
	benchmarks/spi $(CURDIR)/.build/release --write docs/panels.md

# What people do who keep their Debian or Raspberry Pi OS, in a root of packages made for it.
install-test: build
	Tests/Install/run $(CURDIR)/.build/release

image-dependencies:
	@scripts/dependencies.sh image

cross: image-dependencies
	image/cross

image: cross
	image/image

boot-test: image
	cd Tests/Boot && VITRINE_ROUNDS=$(BOOT_ROUNDS) VITRINE_DAMAGED=$(DAMAGED) \
	    python3 -W ignore::ResourceWarning -m unittest discover -v -p 'test_*.py'

# Of these the one that a change breaks most likely: first start, settings, upload, button, locked card.
boot-picture: image
	cd Tests/Boot && python3 -W ignore::ResourceWarning -m unittest -v test_picture.Picture

# The plain Debian is installed on the emulated board once, which takes a quarter of an hour.
bench-boot: image
	benchmarks/boot --rounds $(BENCH_ROUNDS) --write docs/boot.md

lab: cross
	image/lab

# Boots what was compiled and nothing more.
lab-boot: lab
	cd Tests/Lab && python3 -W ignore::ResourceWarning -m unittest -v test_boot

# One clip on the same emulated card, ours and Debian's mpv by turns. Its disk is one of its own, which has mpv on it.
bench-board: cross
	image/lab --with-mpv
	benchmarks/board --rounds $(BENCH_ROUNDS) --write docs/performance.md

lab-test: lab
	cd Tests/Lab && VITRINE_ROUNDS=$(LAB_ROUNDS) python3 -W ignore::ResourceWarning -m unittest discover -v -p 'test_*.py'

clean:
	rm -rf .build
