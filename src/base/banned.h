/* banned.h - calls that overflow, truncate, ignore errors or hide state: using one breaks the
 * compile. The build includes this file first in every translation unit of src/. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison atoi atol atof asctime ctime tmpnam mktemp

#endif
