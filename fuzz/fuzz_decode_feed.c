/* Any bytes as a feed: every row is a valid post or a reject with a reason; a
 * decoded post written as native decodes to the same content. */
#define FUZZ_FORMAT DECODE_FEED
#include "decode_any.h"
