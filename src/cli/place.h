/* place.h - what commands on stored data begin with: the data directory and system.db.
 *
 *     struct cli_place place;
 *     if (!cli_place_open(&place, data_flag, CLI_PLACE_READ, &err)) return cli_report(..., &err);
 *     ... place.system, place.arena ...
 *     cli_place_close(&place);
 *
 * One thread. Nothing has to be closed when opening failed.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "db/db.h"

enum cli_place_use {
    CLI_PLACE_READ, /* ERR_NOT_FOUND when there is no data yet */
    CLI_PLACE_WRITE /* made when absent */
};

struct cli_place {
    struct arena arena; /* for what the command reads */
    Str data_dir;
    struct db *system;
};

/* `data` is the value of --data, or empty. */
bool cli_place_open(struct cli_place *place, Str data, enum cli_place_use use,
                    struct err *err) MUST_CHECK;
void cli_place_close(struct cli_place *place);

#endif
