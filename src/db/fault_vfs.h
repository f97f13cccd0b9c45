/* fault_vfs.h - for test builds: the file system under the database fails on demand.
 *
 * Between switching on and off, connections are opened over a layer that asks fault_hit() before
 * each read, write, sync, truncate and open of a file. What fails then is the mode. For tests
 * alone, one thread; in profiles without TRIMTAB_FAULTS nothing of it exists.
 */
#ifndef DB_FAULT_VFS_H
#define DB_FAULT_VFS_H

#ifdef TRIMTAB_FAULTS

enum fault_files {
    FAULT_FILES_OFF,
    FAULT_FILES_ERROR, /* that one call fails with an I/O error */
    FAULT_FILES_FULL,  /* that one write fails for want of space; other calls are not counted */
    FAULT_FILES_CRASH  /* that call and all changes after it fail, as if the process had been killed
                        */
};

/* For connections opened from now on; also brings the dead file system of a crash back. */
void fault_files(enum fault_files mode);

#endif
#endif
