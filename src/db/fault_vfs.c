#include "db/fault_vfs.h"

#ifdef TRIMTAB_FAULTS

#include <sqlite3.h>
#include <stddef.h>

#include "base/assert.h"
#include "base/fault.h"

/* A shim in front of the engine's own file layer: struct shim_file, then the real file's bytes.
 * Locks and shared memory pass through: they are the kernel's and do not fail this way. */
struct shim_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs shim_vfs;
static sqlite3_vfs *real_vfs;
static enum fault_files mode;
static bool is_dead; /* after the hit of FAULT_FILES_CRASH */

static bool fails(bool is_change)
{
    if (mode == FAULT_FILES_CRASH && is_dead)
        return is_change;
    if (mode == FAULT_FILES_OFF || (mode == FAULT_FILES_FULL && !is_change))
        return false;
    if (!fault_hit())
        return false;
    is_dead = mode == FAULT_FILES_CRASH;
    return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim_file *)file)->real;
}

static int shim_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);

    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int shim_read(sqlite3_file *file, void *out, int count, sqlite3_int64 at)
{
    sqlite3_file *real = real_of(file);

    return fails(false) ? SQLITE_IOERR_READ : real->pMethods->xRead(real, out, count, at);
}

static int shim_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    sqlite3_file *real = real_of(file);

    if (!fails(true))
        return real->pMethods->xWrite(real, bytes, count, at);
    if (mode == FAULT_FILES_FULL)
        return SQLITE_FULL;
    /* Half of it reaches the file: what was torn must be recognised. */
    (void)real->pMethods->xWrite(real, bytes, count / 2, at);
    return SQLITE_IOERR_WRITE;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = real_of(file);

    return fails(true) ? SQLITE_IOERR_TRUNCATE : real->pMethods->xTruncate(real, size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = real_of(file);

    return fails(true) ? SQLITE_IOERR_FSYNC : real->pMethods->xSync(real, flags);
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_check_lock(sqlite3_file *file, int *is_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_reserved);
}

static int shim_control(sqlite3_file *file, int op, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int shim_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void shim_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shim_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods shim_methods = {.iVersion = 2,
                                                .xClose = shim_close,
                                                .xRead = shim_read,
                                                .xWrite = shim_write,
                                                .xTruncate = shim_truncate,
                                                .xSync = shim_sync,
                                                .xFileSize = shim_size,
                                                .xLock = shim_lock,
                                                .xUnlock = shim_unlock,
                                                .xCheckReservedLock = shim_check_lock,
                                                .xFileControl = shim_control,
                                                .xSectorSize = shim_sector_size,
                                                .xDeviceCharacteristics = shim_traits,
                                                .xShmMap = shim_shm_map,
                                                .xShmLock = shim_shm_lock,
                                                .xShmBarrier = shim_shm_barrier,
                                                .xShmUnmap = shim_shm_unmap};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *flags_out)
{
    struct shim_file *shim = (struct shim_file *)file;

    (void)vfs;
    shim->base.pMethods = NULL;
    shim->real = (sqlite3_file *)(shim + 1);
    if (fails((flags & SQLITE_OPEN_CREATE) != 0))
        return SQLITE_CANTOPEN;
    int code = real_vfs->xOpen(real_vfs, name, shim->real, flags, flags_out);
    if (code == SQLITE_OK)
        shim->base.pMethods = &shim_methods;
    return code;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    return fails(true) ? SQLITE_IOERR_DELETE : real_vfs->xDelete(real_vfs, name, sync_directory);
}

void fault_files(enum fault_files wanted)
{
    mode = wanted;
    is_dead = false;
    if (!real_vfs) {
        real_vfs = sqlite3_vfs_find(NULL);
        ASSERT(real_vfs);
        shim_vfs = *real_vfs; /* everything about names, time and randomness is the real one's */
        shim_vfs.zName = "trimtab-fault";
        shim_vfs.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
        shim_vfs.pNext = NULL;
        shim_vfs.xOpen = shim_open;
        shim_vfs.xDelete = shim_delete;
    }
    if (wanted == FAULT_FILES_OFF) {
        (void)sqlite3_vfs_unregister(&shim_vfs);
        return;
    }
    int code = sqlite3_vfs_register(&shim_vfs, 1);
    ASSERT(code == SQLITE_OK);
}
#else
typedef int fault_vfs_unit_is_not_empty;
#endif
