# Generated C: each block names its generator, its inputs and its output under $(OUT)/gen.
# Generators are build-time programs; they are built once for all profiles, without sanitizers.
TOOLS_OUT := build/tools
TOOL_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE
$(TOOLS_OUT)/%: tools/%.c
	@mkdir -p $(@D)
	$(call say,TOOL,$<)
	$(Q)$(CC) $(TOOL_CFLAGS) $< -o $@ $(TOOL_LIBS)

# Embedded files: what the program carries with it (tools/embed.c). Others add to EMBED.
EMBED += $(sort $(wildcard schema/*/*.sql method/*.json method/*/*.json samples/*/*.json samples/*/*.tsv \
         samples/*/LICENCE samples/*/README.md))
GEN_C += $(OUT)/gen/embedded.c
$(TOOLS_OUT)/embed: TOOL_LIBS := -lsodium

# Text: code point tables from the Unicode Character Database (package unicode-data). A rule with a
# fixed target stands here before the first of the Makefile, which stays the default.
.DEFAULT_GOAL := all
UCD ?= /usr/share/unicode
GEN_C += $(OUT)/gen/text_unicode.c
$(TOOLS_OUT)/unicode: TOOL_LIBS := -lutf8proc
$(TOOLS_OUT)/unicode: src/text/unicode_priv.h
$(OUT)/gen/text_unicode.c: $(TOOLS_OUT)/unicode $(wildcard $(UCD)/UnicodeData.txt)
	$(call say,GEN,$@)
	$(Q)$(TOOLS_OUT)/unicode $(UCD) > $@.tmp && mv $@.tmp $@
