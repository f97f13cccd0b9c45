/* backup_view.h - a backup on its way to whoever may have it: its files as one archive (tar). */
#ifndef WEB_BACKUP_VIEW_H
#define WEB_BACKUP_VIEW_H

#include "web/request.h"

/* The answer of the request, made while it is sent; the ledger notes it first. ERR_NOT_FOUND. */
bool backup_answer(struct request *req, Str name, struct err *err) MUST_CHECK;

#endif
