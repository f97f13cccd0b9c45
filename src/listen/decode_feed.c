#include "listen/decode_priv.h"

bool feed_run(struct decoder *d, const struct decode_block *block, struct err *err)
{
    (void)d;
    return err_set(err, ERR_UNAVAILABLE, "'" STR_F "' is a feed, which is not read yet",
                   STR_A(block->plan->path));
}
