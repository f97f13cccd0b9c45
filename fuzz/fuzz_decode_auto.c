/* Any bytes as whatever they are taken for: every row is a valid post or a reject with a reason; a
 * decoded post written as native decodes to the same content. */
#define FUZZ_FORMAT DECODE_AUTO
#include "decode_any.h"
