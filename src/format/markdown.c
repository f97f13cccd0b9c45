#include "format/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

/* Without footnotes: with them this version of the library cuts characters apart. */
enum { OPTIONS = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8 };

#define HEADING_MAX 6

static const char *const extension_names[] = {"table", "strikethrough", "autolink", "tasklist"};

/* The library keeps its extensions in a table without a lock: it is filled before main(). */
__attribute__((constructor)) static void register_extensions(void)
{
    cmark_gfm_core_extensions_ensure_registered();
}

static cmark_parser *parser_create(void)
{
    cmark_parser *parser = cmark_parser_new(OPTIONS);

    for (size_t i = 0; i < COUNT_OF(extension_names); i++) {
        cmark_syntax_extension *extension = cmark_find_syntax_extension(extension_names[i]);
        ASSERT(extension);
        cmark_parser_attach_syntax_extension(parser, extension);
    }
    return parser;
}

static void mend(cmark_node *node, unsigned heading_shift)
{
    cmark_node_type type = cmark_node_get_type(node);

    if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
        if (!html_url_is_safe(str_from_cstr(cmark_node_get_url(node))))
            cmark_node_set_url(node, "");
    } else if (type == CMARK_NODE_HEADING) {
        int level = cmark_node_get_heading_level(node) + (int)heading_shift;
        cmark_node_set_heading_level(node, level < HEADING_MAX ? level : HEADING_MAX);
    }
}

static void mend_all(cmark_node *root, unsigned heading_shift)
{
    cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type event;

    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
        if (event == CMARK_EVENT_ENTER)
            mend(cmark_iter_get_node(iter), heading_shift);
    cmark_iter_free(iter);
}

bool markdown_to_html(struct arena *a, Str text, unsigned heading_shift, Html *out, struct err *err)
{
    ASSERT(heading_shift < HEADING_MAX);
    if (text.len > MARKDOWN_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "Markdown text is longer than %d bytes", MARKDOWN_BYTES_MAX);
    cmark_parser *parser = parser_create();
    cmark_parser_feed(parser, text.ptr ? text.ptr : "", text.len);
    cmark_node *root = cmark_parser_finish(parser);
    mend_all(root, heading_shift);
    char *html = cmark_render_html(root, OPTIONS, cmark_parser_get_syntax_extensions(parser));
    bool ok = arena_try_str(a, str_from_cstr(html), &out->markup) || err_arena(err, a);
    cmark_get_default_mem_allocator()->free(html); /* lint: allow free - cmark owns it */
    cmark_node_free(root);
    cmark_parser_free(parser);
    return ok;
}
