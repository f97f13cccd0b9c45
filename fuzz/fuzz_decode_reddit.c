/* Any bytes as reddit: every row is a valid post or a reject with a reason; a decoded post written
 * as native decodes to the same content. */
#define FUZZ_FORMAT DECODE_REDDIT
#include "decode_any.h"
