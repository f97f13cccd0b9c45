/* query_country.h - country codes of three letters to two (ISO 3166-1). Pure, const. */
#ifndef LISTEN_QUERY_COUNTRY_H
#define LISTEN_QUERY_COUNTRY_H

#include "base/str.h"

/* "DEU" or "deu" gives "DE". False: not an alpha-3 code. */
/* A code of two letters, in any letters. */
bool query_country_is_known(Str alpha2);
bool query_country_alpha2(Str alpha3, char out[2]);

#endif
