/* log_flags.h - which events a command says on standard error, and how: the same for all commands.
 *
 *     --log-level L   debug, info, warn or error; else $TRIMTAB_LOG_LEVEL, else info
 *     --log-json      JSON lines; else $TRIMTAB_LOG_JSON=1, else logfmt
 *
 * The events are listed in docs/events.md.
 */
#ifndef CLI_LOG_FLAGS_H
#define CLI_LOG_FLAGS_H

#include "base/err.h"

/* Takes the flags out of the arguments, up to "--", and sets up the log. ERR_USAGE. */
bool cli_take_log_flags(int *argc, char **argv, struct err *err) MUST_CHECK;

#endif
