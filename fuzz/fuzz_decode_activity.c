/* Any bytes as ActivityStreams: every row is a valid post or a reject with a reason; a
 * decoded post written as native decodes to the same content. */
#define FUZZ_FORMAT DECODE_ACTIVITY
#include "decode_any.h"
