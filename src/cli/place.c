#include "cli/place.h"

#include "base/limits.h"
#include "ledger/workspace.h"

#define PLACE_ARENA_BYTES_MAX (256 * MIB)

bool cli_place_open(struct cli_place *place, Str data, enum cli_place_use use, struct err *err)
{
    *place = (struct cli_place){.system = NULL};
    arena_init(&place->arena, PLACE_ARENA_BYTES_MAX);
    bool ok = data_dir_resolve(&place->arena, data, &place->data_dir, err) &&
              (use == CLI_PLACE_WRITE ? system_db_open(&place->system, place->data_dir, err)
                                      : system_db_open_read(&place->system, place->data_dir, err));
    if (!ok)
        cli_place_close(place);
    return ok;
}

void cli_place_close(struct cli_place *place)
{
    db_close(&place->system);
    arena_deinit(&place->arena);
}
