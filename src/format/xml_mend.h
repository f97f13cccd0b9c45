/* xml_mend.h - turn almost-XML, as feeds are, into XML that a strict parser reads to the end.
 *
 * Outside of CDATA: HTML's named references become numbers, an ampersand that begins no reference
 * is escaped. Everywhere: control characters that XML forbids are dropped, and in UTF-8 documents
 * bytes that are not UTF-8 are read as Windows-1252. Leaves every well-formed document as it is,
 * but for names of entities that it declares itself (they are not expanded anyway). Pure.
 */
#ifndef FORMAT_XML_MEND_H
#define FORMAT_XML_MEND_H

#include "base/buf.h"

/* Appends the mended document to `out`. For encodings that contain ASCII as it is. */
void xml_mend(Str xml, bool is_utf8, struct buf *out);
/* The encoding that the XML declaration names, or empty. */
Str xml_declared_encoding(Str xml);

#endif
