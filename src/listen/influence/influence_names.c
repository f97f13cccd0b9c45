#include "listen/influence/influence_names.h"

#include "base/limits.h"

void names_init(struct influence_names *n, size_t cap_bytes)
{
    *n = (struct influence_names){0};
    map_init(&n->index, MAP_COPY_KEYS, 0);
    buf_init(&n->key, MIB);
    arena_init(&n->memory, cap_bytes);
}

void names_deinit(struct influence_names *n)
{
    vec_deinit(&n->items);
    map_deinit(&n->index);
    buf_deinit(&n->key);
    arena_deinit(&n->memory);
}

static void put_folded(struct buf *out, Str text)
{
    size_t from = out->len;

    buf_add(out, text);
    for (size_t i = from; i < out->len; i++)
        if (out->ptr[i] >= 'A' && out->ptr[i] <= 'Z')
            out->ptr[i] = (char)(out->ptr[i] + 32);
}

static bool name_make(struct influence_names *n, Str source, Str text, uint32_t *out,
                      struct err *err)
{
    struct influence_name name = {.parent = (uint32_t)n->items.count, .size = 1};

    if (!arena_try_str(&n->memory, source, &name.source) ||
        !arena_try_str(&n->memory, text, &name.text))
        return err_arena(err, &n->memory);
    if (n->items.count >= NAME_NONE || !vec_try_push(&n->items, name))
        return err_set(err, ERR_NO_MEMORY, "no memory for the names of authors");
    *out = name.parent;
    return true;
}

bool names_at(struct influence_names *n, Str source, Str text, uint32_t *out, struct err *err)
{
    bool is_new;

    *out = NAME_NONE;
    text = str_trim(text);
    if (text.len > 0 && text.ptr[0] == '@')
        text = str_sub(text, 1, text.len);
    if (text.len == 0)
        return true;
    buf_reset(&n->key);
    buf_add(&n->key, source);
    buf_add_byte(&n->key, '\t');
    put_folded(&n->key, text);
    if (!buf_ok(&n->key, err))
        return false;
    uint64_t *at = map_at(&n->index, buf_str(&n->key), &is_new);
    if (!at)
        return err_set(err, ERR_NO_MEMORY, "no memory for the names of authors");
    if (is_new) {
        uint32_t made = 0;
        if (!name_make(n, source, text, &made, err))
            return false;
        *at = made;
    }
    *out = (uint32_t)*at;
    return true;
}

uint32_t names_root(struct influence_names *n, uint32_t name)
{
    struct influence_name *items = n->items.items;

    while (items[name].parent != name) {
        items[name].parent = items[items[name].parent].parent; /* halves the way for the next */
        name = items[name].parent;
    }
    return name;
}

void names_describe(struct influence_names *n, uint32_t name, Str id, Str handle, bool is_own)
{
    struct influence_name *root = &n->items.items[names_root(n, name)];
    Str kept;

    /* Out of memory the author goes by another of his names. */
    if (id.len > 0 && root->id.len == 0 && arena_try_str(&n->memory, id, &kept))
        root->id = kept;
    if (handle.len > 0 && (is_own ? !str_eq(handle, root->handle) : root->handle.len == 0) &&
        arena_try_str(&n->memory, handle, &kept))
        root->handle = kept;
}

void names_join(struct influence_names *n, uint32_t a, uint32_t b)
{
    struct influence_name *items = n->items.items;

    a = names_root(n, a);
    b = names_root(n, b);
    if (a == b || (items[a].id.len > 0 && items[b].id.len > 0 && !str_eq(items[a].id, items[b].id)))
        return;
    if (items[a].size < items[b].size) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    items[b].parent = a;
    items[a].size += items[b].size;
    if (items[a].id.len == 0)
        items[a].id = items[b].id;
    if (items[a].handle.len == 0)
        items[a].handle = items[b].handle;
}
