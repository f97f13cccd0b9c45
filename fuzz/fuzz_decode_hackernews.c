/* Any bytes as Hacker News items: every row is a valid post or a reject with a reason; a
 * decoded post written as native decodes to the same content. */
#define FUZZ_FORMAT DECODE_HACKERNEWS
#include "decode_any.h"
