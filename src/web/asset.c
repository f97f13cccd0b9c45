#include "web/asset.h"

#include <stdio.h>
#include <string.h>

#include "base/embedded.h"

#define ASSET_PREFIX "assets/"

enum { ASSET_COUNT_MAX = 64, URL_BYTES_MAX = 96, HASH_DIGITS = 10 };

static struct {
    struct asset items[ASSET_COUNT_MAX];
    char urls[ASSET_COUNT_MAX][URL_BYTES_MAX];
    char etags[ASSET_COUNT_MAX][HASH_DIGITS + 3];
    size_t count;
} table;

static const char *content_type_of(Str name)
{
    static const struct {
        Str ending;
        const char *type;
    } types[] = {
        {S_INIT(".css"), "text/css; charset=utf-8"},
        {S_INIT(".js"), "text/javascript; charset=utf-8"},
        {S_INIT(".svg"), "image/svg+xml"},
        {S_INIT(".png"), "image/png"},
        {S_INIT(".ico"), "image/x-icon"},
        {S_INIT(".woff2"), "font/woff2"},
        {S_INIT(".json"), "application/json"},
        {S_INIT(".webmanifest"), "application/manifest+json"},
    };

    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_ends(name, types[i].ending))
            return types[i].type;
    return "application/octet-stream";
}

static Str packed(Str path, const char *ending, size_t plain_len)
{
    char name[URL_BYTES_MAX];
    int len = snprintf(name, sizeof name, STR_F "%s", STR_A(path), ending);
    const struct embedded_file *file = embedded_find((Str){name, (size_t)len});

    return file && file->bytes.len < plain_len ? file->bytes : STR_NONE;
}

static bool add(const struct embedded_file *file, struct err *err)
{
    Str name = str_sub(file->path, strlen(ASSET_PREFIX), file->path.len);
    size_t dot = name.len, index = table.count;

    if (index == ASSET_COUNT_MAX || name.len + HASH_DIGITS + 16 > URL_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "cannot hold asset '" STR_F "'", STR_A(name));
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    if (dot == 0)
        return err_set(err, ERR_CORRUPT, "asset '" STR_F "' has no ending", STR_A(name));
    (void)snprintf(table.urls[index], URL_BYTES_MAX, "/assets/" STR_F "-%.*s." STR_F,
                   STR_A(str_sub(name, 0, dot - 1)), HASH_DIGITS, file->sha256_hex,
                   STR_A(str_sub(name, dot, name.len)));
    (void)snprintf(table.etags[index], sizeof table.etags[index], "\"%.*s\"", HASH_DIGITS,
                   file->sha256_hex);
    table.items[index] = (struct asset){
        .name = name,
        .url = str_from_cstr(table.urls[index]),
        .plain = file->bytes,
        .gzip = packed(file->path, ".gz", file->bytes.len),
        .brotli = packed(file->path, ".br", file->bytes.len),
        .etag = str_from_cstr(table.etags[index]),
        .content_type = content_type_of(name),
    };
    table.count++;
    return true;
}

bool assets_init(struct err *err)
{
    const struct embedded_file *files;
    size_t count = embedded_list(S(ASSET_PREFIX), &files);

    table.count = 0;
    for (size_t i = 0; i < count; i++)
        if (!str_ends(files[i].path, S(".gz")) && !str_ends(files[i].path, S(".br")) &&
            !add(&files[i], err))
            return false;
    return true;
}

const struct asset *asset_by_name(Str name)
{
    for (size_t i = 0; i < table.count; i++)
        if (str_eq(table.items[i].name, name))
            return &table.items[i];
    return NULL;
}

const struct asset *asset_by_url(Str url)
{
    for (size_t i = 0; i < table.count; i++)
        if (str_eq(table.items[i].url, url))
            return &table.items[i];
    return NULL;
}

Str asset_url(Str name)
{
    const struct asset *asset = asset_by_name(name);

    return asset ? asset->url : S("/assets/missing");
}
