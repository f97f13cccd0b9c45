/* version_view.h - alternatives as pages show them: side by side, as curves, one on a sheet.
 *
 * All figures come from the decision paper (paper_view.h), so that the pages before a decision and
 * the paper itself never differ. Results live in the request's arena.
 */
#ifndef WEB_VERSION_VIEW_H
#define WEB_VERSION_VIEW_H

#include "web/view/chart.h"
#include "web/view/paper_view.h"

#include "templates.h"

/* A row for each criterion, a column for each version; never a sum. */
void version_compare(const struct paper_view *p, struct tpl_compare *out);
/* The S-curves of every simulated version on one axis. */
struct tpl_chart version_curves(const struct paper_view *p);
/* What one version does, rests on, risks and needs. */
struct tpl_version_sheet version_sheet(const struct paper_view *p, const struct paper_version *v);
/* What moves the mean most: where an input is low, and where it is high. */
struct tpl_chart version_tornado(const struct paper_view *p, const struct simulated_version *v);
/* How often which net benefit came out. */
struct tpl_chart version_histogram(const struct paper_view *p, const struct simulated_version *v);

#endif
