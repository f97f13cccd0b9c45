/* interrupt.h - the first SIGINT or SIGTERM ends a command in good order, the second one kills.
 *
 * A command that holds something which must not be left behind (a solver, a checkpoint, a temporary
 * directory) asks for the flag once, hands it to what does the work, and cleans up as after any
 * failure.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdatomic.h>

/* Installs the handlers; the flag becomes true with the first signal. Before other threads start.
 */
const atomic_bool *cli_watch_interrupts(void);

#endif
