/* The yearly assessment: what a baseline keeps, what it refuses, and a year beside the one before.
 */
#include "unit/test.h"

#include <math.h>

#include "ledger/ledger.h"
#include "strategy/assessment/assessment.h"
#include "strategy/assessment/baseline.h"
#include "unit/strategy_workspace.h"

static const char two_years[] =
    "{'format': 'trimtab-strategy', 'version': 1,"
    " 'company': {'name': 'Acme'},"
    " 'assessments': [{'id': 'y1', 'year': 2025, 'conclusion': 'proceed',"
    "   'conclusion_reason': 'enough', 'frozen_on': '2025-06-01'},"
    "  {'id': 'y2', 'year': 2026}],"
    " 'quadrants': [{'id': 'q1', 'assessment': 'y2', 'quadrant': 'customers', 'is_complete': true},"
    "  {'id': 'q2', 'assessment': 'y2', 'quadrant': 'brand', 'is_complete': true},"
    "  {'id': 'q3', 'assessment': 'y2', 'quadrant': 'partners', 'is_complete': true},"
    "  {'id': 'q4', 'assessment': 'y2', 'quadrant': 'competition'}],"
    " 'search_terms': [{'id': 't', 'assessment': 'y2', 'text': 'phone', 'quadrant': 'customers',"
    "   'reviewed': 50, 'relevant': 45}],"
    " 'findings': ["
    "  {'id': 'old-mood', 'assessment': 'y1', 'quadrant': 'customers', 'category': 'sentiment',"
    "   'statement': 'Angry', 'measure': 'net', 'value': -0.5, 'evidence': ['a']},"
    "  {'id': 'old-place', 'assessment': 'y1', 'quadrant': 'customers', 'category': 'places',"
    "   'statement': 'A forum', 'evidence': ['a']},"
    "  {'id': 'mood', 'assessment': 'y2', 'quadrant': 'customers', 'category': 'sentiment',"
    "   'statement': 'Calm', 'measure': 'net', 'value': 0.25, 'evidence': ['b']},"
    "  {'id': 'topic', 'assessment': 'y2', 'quadrant': 'customers', 'category': 'topics',"
    "   'statement': 'Batteries', 'evidence': ['b']}],"
    " 'swot': [{'id': 's', 'assessment': 'y2', 'letter': 'strength', 'statement': 'Heard',"
    "   'findings': ['mood']}]}";

static struct scratch scratch;
static struct db *db;
static struct strategy_model model;

static void reread(void)
{
    struct err err = {0};

    CHECK(store_read(db, &scratch.arena, &model, &err));
}

static void begin(void)
{
    struct import_counts counts;
    struct err err = {0};

    scratch_begin(&scratch);
    CHECK(db_open(&db, scratch_path(&scratch, "state.db"), DB_CREATE, &err));
    CHECK(db_migrate(db, S("schema/state/"), &err));
    strategy_model_read(&scratch.arena, str_from_cstr(two_years), &model);
    CHECK(store_import(db, &strategy_change, &model, IMPORT_EMPTY, &counts, &err));
    reread();
}

static void end(void)
{
    struct ledger_report report;
    struct err err = {0};

    CHECK(ledger_verify(db, NULL, &report, &err));
    CHECK_INT(report.fault, LEDGER_SOUND);
    db_close(&db);
    scratch_end(&scratch);
}

static struct assessment latest(void)
{
    return *assessment_latest(&model);
}

static void complete_last_quadrant(void)
{
    struct assessment_quadrant quadrant =
        *assessment_quadrant_of(&model, assessment_latest(&model), QUADRANT_COMPETITION);
    struct err err = {0};

    quadrant.is_complete = true;
    CHECK(store_put(db, &strategy_change, OBJECT_QUADRANT, &quadrant, &err));
    reread();
}

static void conclude(void)
{
    struct assessment assessment = latest();
    struct err err = {0};

    assessment.conclusion = CONCLUSION_PROCEED;
    assessment.conclusion_reason = S("all is seen");
    CHECK(store_put(db, &strategy_change, OBJECT_ASSESSMENT, &assessment, &err));
    reread();
}

static void refused(const struct change *change, int64_t revision, enum err_code code)
{
    struct err err = {0};

    CHECK(!assessment_freeze(db, change, S("y2"), revision, &err));
    CHECK_INT(err.code, code);
    reread();
    CHECK_STR(latest().frozen_on, "");
}

TEST(a_baseline_asks_for_what_it_needs)
{
    struct change silent = strategy_change;

    begin();
    refused(&strategy_change, 1, ERR_CONFLICT); /* a quadrant is open */
    complete_last_quadrant();
    refused(&strategy_change, 1, ERR_CONFLICT); /* no conclusion */
    conclude();
    refused(&strategy_change, 1, ERR_CONFLICT); /* of an older revision */
    silent.reason = STR_NONE;
    refused(&silent, 2, ERR_INPUT);
    end();
}

TEST(a_baseline_is_final)
{
    struct baseline baseline;
    struct err err = {0};

    begin();
    complete_last_quadrant();
    conclude();
    CHECK(assessment_freeze(db, &strategy_change, S("y2"), 2, &err));
    reread();
    CHECK_INT(latest().frozen_on.len, 10);

    CHECK(baseline_read(db, &scratch.arena, S("y2"), &baseline, &err));
    CHECK_INT(baseline.hash.len, 64);
    CHECK(str_find(baseline.document, S("Calm")) < baseline.document.len);
    CHECK(str_find(baseline.document, S("Angry")) == baseline.document.len); /* of another year */

    struct finding finding = *model_finding(&model, S("mood"));
    finding.statement = S("Happy after all");
    CHECK(!store_put(db, &strategy_change, OBJECT_FINDING, &finding, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    finding = (struct finding){.id = S("late"),
                               .assessment = S("y2"),
                               .statement = S("Late"),
                               .value = NAN,
                               .confidence = 1};
    err = (struct err){0};
    CHECK(!store_put(db, &strategy_change, OBJECT_FINDING, &finding, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err = (struct err){0};
    CHECK(!store_remove(db, &strategy_change, OBJECT_SWOT_ITEM, S("s"), 1, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    end();
}

TEST(only_a_freeze_makes_a_baseline)
{
    struct assessment assessment;
    struct err err = {0};

    begin();
    assessment = latest();
    assessment.frozen_on = S("2026-01-01");
    CHECK(!store_put(db, &strategy_change, OBJECT_ASSESSMENT, &assessment, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    end();
}

TEST(a_changed_document_is_found)
{
    struct baseline baseline;
    struct err err = {0};

    begin();
    complete_last_quadrant();
    conclude();
    CHECK(assessment_freeze(db, &strategy_change, S("y2"), 2, &err));
    CHECK(db_run(db, "UPDATE strategy_baseline SET document = replace(document, 'Calm', 'Glad')",
                 &err));
    CHECK(!baseline_read(db, &scratch.arena, S("y2"), &baseline, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    end();
}

TEST(a_year_stands_beside_the_one_before)
{
    struct finding_change *changes;
    struct err err = {0};
    size_t count = 0;

    begin();
    const struct assessment *now = assessment_latest(&model);
    const struct assessment *before = assessment_before(&model, now);
    CHECK_STR(now->id, "y2");
    CHECK_STR(before->id, "y1");
    CHECK(assessment_changes(&scratch.arena, &model, now, before, QUADRANT_CUSTOMERS, &changes,
                             &count, &err));
    CHECK_INT(count, 3);
    CHECK_STR(changes[0].now->id, "mood");
    CHECK_STR(changes[0].before->id, "old-mood");
    CHECK_NEAR(changes[0].difference, 0.75, 1e-12);
    CHECK(changes[1].now && !changes[1].before && isnan(changes[1].difference));
    CHECK(!changes[2].now);
    CHECK_STR(changes[2].before->id, "old-place");
    end();
}

/* Newcombe, Two-sided confidence intervals for the single proportion (1998), its own arithmetic
 * for 45 of 50: centre and half width of the score interval. */
TEST(a_precision_has_its_interval)
{
    struct term_precision p;

    begin();
    p = search_term_precision(&model.search_terms.items[0]);
    CHECK_NEAR(p.share, 0.9, 1e-12);
    CHECK_NEAR(p.low, 0.7864, 5e-4);
    CHECK_NEAR(p.high, 0.9565, 5e-4);
    p = search_term_precision(&(struct search_term){.reviewed = 0});
    CHECK(isnan(p.share) && isnan(p.low) && isnan(p.high));
    end();
}

TEST(months_are_whole)
{
    CHECK_INT(months_between(S("2025-01-31"), S("2026-01-30")), 11);
    CHECK_INT(months_between(S("2025-01-31"), S("2026-01-31")), 12);
    CHECK_INT(months_between(S("2026-03-15"), S("2026-01-16")), -1);
    CHECK_INT(months_between(S("2026-03-15"), S("2026-03-01")), 0);
    CHECK_INT(months_between(S("nonsense"), S("2026-03-01")), 0);
}

int main(void)
{
    return RUN(CASE(a_baseline_asks_for_what_it_needs), CASE(a_baseline_is_final),
               CASE(only_a_freeze_makes_a_baseline), CASE(a_changed_document_is_found),
               CASE(a_year_stands_beside_the_one_before), CASE(a_precision_has_its_interval),
               CASE(months_are_whole));
}
