/* number.h - the shortest decimal text of a double that reads back as the same double.
 *
 * Layout like ECMAScript's Number::toString: plain digits from 1e-6, else an exponent; valid as a
 * JSON number. Two departures for the sake of JSON readers that know 64-bit integers: plain digits
 * end below 1e17, and minus zero is "-0.0". The same bytes on every machine, whatever the locale.
 * Pure, thread-safe.
 */
#ifndef FORMAT_NUMBER_H
#define FORMAT_NUMBER_H

#include "base/str.h"

#define NUMBER_TEXT_SIZE 32 /* the longest, "-2.2250738585072014e-308", with room to spare */

/* Writes the text, without NUL, and returns its length. `value` has to be finite. */
size_t number_shortest(char out[NUMBER_TEXT_SIZE], double value);
/* Only the digits and the exponent: value = 0.d1d2d3... times 10 to the exponent, value > 0 and
 * finite. Returns how many digits, at most 17. Implemented in json_bulk.cc, by the C++ library. */
size_t number_shortest_digits(char digits[NUMBER_TEXT_SIZE], int *exponent, double value);

/* Decimals that keep about three significant digits of a figure people read, never an exponent:
 * none from 1,000 and of whole numbers, three below 1. Finite values. */
int number_decimals(double value);

#endif
