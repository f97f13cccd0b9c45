/* Any bytes as Mastodon statuses and events: every row is a valid post or a reject with a reason; a
 * decoded post written as native decodes to the same content. */
#define FUZZ_FORMAT DECODE_MASTODON
#include "decode_any.h"
