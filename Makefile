# Trimtab. `make help` lists the targets. One knob: PROFILE=release|debug|asan|tsan|fuzz|cov.
PROFILE ?= release
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CXX     := $(if $(findstring clang,$(CC)),clang++,g++)

# release builds to build/, the others to build/<profile>/
OUT := $(if $(filter release,$(PROFILE)),build,build/$(PROFILE))

PACKAGES := libmicrohttpd sqlite3 simdjson jansson libcurl libxml-2.0 libutf8proc gsl libcmark-gfm \
            libsodium zlib libzstd libbrotlienc libwebsockets xlsxwriter
# clang does not know this one; gcc takes a bounded snprintf for a mistake.
GCC_WARN := $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wcast-qual -Wundef -Wformat=2 -Wno-format-nonliteral $(GCC_WARN) -Wpointer-arith -Wwrite-strings
WERROR ?= -Werror
# Floating point is part of the contract: the same bytes from every build, so no contraction.
STRICT_FP := -ffp-contract=off -fno-fast-math
FLAGS_release := -O2 -g
FLAGS_debug   := -O0 -g3 -DTRIMTAB_FAULTS=1
FLAGS_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DTRIMTAB_FAULTS=1
FLAGS_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread -DTRIMTAB_FAULTS=1
FLAGS_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
FLAGS_cov     := -O0 -g --coverage -DTRIMTAB_FAULTS=1
FLAGS := $(FLAGS_$(PROFILE))
ifeq ($(FLAGS),)
$(error PROFILE must be one of release debug asan tsan fuzz cov, not '$(PROFILE)')
endif

PKG_CFLAGS := $(shell pkg-config --cflags-only-I $(PACKAGES))
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES))
CPPFLAGS += -D_GNU_SOURCE -Isrc -I$(OUT)/gen $(patsubst -I%,-isystem %,$(PKG_CFLAGS))
BASE_CFLAGS := -std=gnu17 -fPIE -pthread $(STRICT_FP) $(FLAGS)
CFLAGS_ALL  := $(BASE_CFLAGS) $(WARN) $(WERROR) -include base/banned.h $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 -fPIE -pthread -fno-exceptions -fno-rtti $(FLAGS) -Wall -Wextra $(WERROR) $(CXXFLAGS)
LDFLAGS_ALL := -pie -pthread $(FLAGS) $(LDFLAGS)
LDLIBS := $(PKG_LIBS) -lcmark-gfm-extensions -lstemmer -lstdc++ -lm

# V=1 shows the command lines
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')

GEN_C   :=
GEN_H   :=
-include tools/generate.mk

SRC_C   := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c src/*/*/*.c)))
SRC_CC  := $(sort $(wildcard src/*/*.cc))
OBJ     := $(SRC_C:src/%.c=$(OUT)/obj/%.o) $(SRC_CC:src/%.cc=$(OUT)/obj/%.o) \
           $(GEN_C:$(OUT)/gen/%.c=$(OUT)/obj/gen/%.o)
LIB     := $(OUT)/libtrimtab.a
PROGRAM := $(OUT)/trimtab
TEST_C  := $(sort $(wildcard tests/unit/test_*.c))
# Fault tests need the hooks that only some profiles compile in.
KILL_C  := tests/fault/test_import_kill.c# needs no hooks: it ends a real process
FAULT_C := $(filter-out $(KILL_C),$(sort $(wildcard tests/fault/test_*.c)))
HAS_FAULTS := $(findstring -DTRIMTAB_FAULTS,$(FLAGS))
TESTS   := $(patsubst tests/%.c,$(OUT)/tests/%,$(TEST_C) $(KILL_C) $(if $(HAS_FAULTS),$(FAULT_C)))
BENCHES := $(patsubst bench/%.c,$(OUT)/bench/%,$(sort $(wildcard bench/bench_*.c)))
FUZZERS := $(patsubst fuzz/%.c,$(OUT)/fuzz/%,$(sort $(wildcard fuzz/fuzz_*.c)))

.PHONY: all lib tests benches fuzzers lint headertest format format-check bench help clean
all: $(PROGRAM)
lib: $(LIB)
tests: $(TESTS)
	$(if $(HAS_FAULTS),,@echo 'note: tests/fault left out: PROFILE=$(PROFILE) has no fault hooks; PROFILE=debug, asan, tsan or cov has')
benches: $(BENCHES)
fuzzers: $(FUZZERS)

help:
	@echo 'make [PROFILE=..] [CC=clang]   build/trimtab (release) or build/<profile>/trimtab'
	@echo 'make tests | benches | fuzzers  the programs of tests/, bench/, fuzz/'
	@echo 'make lint                      layers, function length, format, static analysis'
	@echo 'make bench                     performance tables, paired with peers'
	@echo './check                        everything a change has to pass'

$(GEN_C) $(GEN_H): | $(OUT)/gen
$(OUT)/gen:
	@mkdir -p $@
# Generated headers exist before anything is compiled.
$(OBJ) $(OUT)/obj/main.o: | $(GEN_H)

# The loops of quant are written to be vectorised; neither flag changes a result (no errno, no traps).
# Those of text gain a twentieth by being unrolled.
ifeq ($(PROFILE),release)
$(OUT)/obj/text/%.o: private CFLAGS_ALL += -O3
$(OUT)/obj/quant/%.o: private CFLAGS_ALL += -O3 -fno-math-errno -fno-trapping-math
endif
# This library's header defines macros with banned calls; read before the ban they may stay unused.
$(OUT)/obj/format/xlsx.o: private CPPFLAGS += -include xlsxwriter.h
$(OUT)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c $< -o $@
$(OUT)/obj/%.o: src/%.cc
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -MMD -MP -c $< -o $@
$(OUT)/obj/gen/%.o: $(OUT)/gen/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(LIB): $(OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(PROGRAM): $(OUT)/obj/main.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $^ $(LDLIBS) -o $@

ifeq ($(HAS_FAULTS),)
$(FAULT_C:tests/%.c=$(OUT)/tests/%): FORCE
	$(error '$@' needs fault hooks, PROFILE=$(PROFILE) has none; use PROFILE=debug, asan, tsan or cov)
endif

# A test may include the .c it tests, so statics are reachable.
$(OUT)/tests/%: tests/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) -MMD -MP $(LDFLAGS_ALL) $< $(LIB) -lcmocka $(LDLIBS) -o $@
# A peer that is measured where libvectorscan-dev is installed; the program itself does not use it.
VECTORSCAN = $(shell pkg-config --silence-errors --libs libhs)
$(OUT)/bench/bench_match: private CPPFLAGS += $(if $(VECTORSCAN),-DWITH_VECTORSCAN)
$(OUT)/bench/bench_match: private LDLIBS += $(VECTORSCAN)
$(OUT)/bench/%: bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) -Ibench $(CFLAGS_ALL) -MMD -MP $(LDFLAGS_ALL) $< $(LIB) $(LDLIBS) -o $@
# The peer of one scenario, where it is installed; never part of the program.
ifeq ($(shell pkg-config --exists igraph 2>/dev/null && echo yes),yes)
$(OUT)/bench/bench_influence: private CPPFLAGS += -DBENCH_IGRAPH=1 -isystem /usr/include/igraph
$(OUT)/bench/bench_influence: private LDLIBS += -ligraph
endif
ifneq ($(wildcard /usr/include/cld2/public/compact_lang_det.h),)
$(OUT)/peer_cld2.o: bench/peer_cld2.cc
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -c $< -o $@
$(OUT)/bench/bench_text: $(OUT)/peer_cld2.o
$(OUT)/bench/bench_text: private CPPFLAGS += -DWITH_CLD2
$(OUT)/bench/bench_text: private LDLIBS += $(OUT)/peer_cld2.o -lcld2 -lstdc++
endif
# In the fuzz profile libFuzzer drives a target; in the others fuzz/replay.c runs it over its corpus.
FUZZ_MAIN := $(if $(filter fuzz,$(PROFILE)),-fsanitize=fuzzer,fuzz/replay.c)
$(OUT)/fuzz/%: fuzz/%.c $(LIB) $(wildcard fuzz/replay.c)
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)
	$(Q)$(CC) $(CPPFLAGS) -Ifuzz $(CFLAGS_ALL) $(LDFLAGS_ALL) $< $(FUZZ_MAIN) $(LIB) $(LDLIBS) -o $@

C_FILES := $(sort $(wildcard src/*/*.[ch] src/*/*/*.[ch] src/*/*.cc src/main.c tools/*.[ch] tools/*/*.[ch] tests/*/*.[ch] fuzz/*.[ch] bench/*.[ch] samples/*/*.[ch]))
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run --Werror $(C_FILES)
headertest: | $(GEN_H)
	@for h in $(wildcard src/*/*.h src/*/*/*.h); do \
	  case $$h in *_priv.h|*json_bulk.h) ;; esac; \
	  $(CC) $(CPPFLAGS) -std=gnu17 -fsyntax-only -x c $$h || exit 1; done
lint: format-check headertest
	@tools/lint/run
bench:
	@tools/setup bench || echo 'bench: going on with the peers that are installed' >&2
	@$(MAKE) --no-print-directory benches
	@bench/run $(SCENARIOS)
clean:
	rm -rf build

-include $(OBJ:.o=.d) $(OUT)/obj/main.d $(TESTS:=.d) $(BENCHES:=.d)

# The list of embedded files is kept in a file, so that adding or removing one rebuilds the table.
$(OUT)/gen/embedded.list: FORCE | $(OUT)/gen
	@echo '$(EMBED)' | cmp -s - $@ || echo '$(EMBED)' > $@
FORCE:
$(OUT)/gen/embedded.c: $(TOOLS_OUT)/embed $(OUT)/gen/embedded.list $(foreach e,$(EMBED),$(lastword $(subst =, ,$(e))))
	$(call say,GEN,$@)
	$(Q)$(TOOLS_OUT)/embed $@ $(EMBED)
$(OUT)/obj/gen/embedded.o: $(foreach e,$(EMBED),$(lastword $(subst =, ,$(e))))
