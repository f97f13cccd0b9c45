/* version.h - the program's version, as printed, stored with results and sent in headers. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define TRIMTAB_VERSION "0.1.0"

#endif
