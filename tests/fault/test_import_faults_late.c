/* The calls behind the first ones, up to the last: see test_import_faults.c. */
#define FAULTS_FROM (EACH + 1)
#define FAULTS_TO   FAULTS_MAX
#include "test_import_faults.c"
