# Export by page and by API: the same bytes as on the command line, rights, the ledger, a reader that goes away.
url=/api/v1/workspaces/halden/posts/export
send() { curl -s -b "$jar" -o "$work/body" -D "$work/head" -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
export_cli() { "$TRIMTAB" post export --workspace halden --data "$work/data" "$@" 2>/dev/null; }
login ida
token=$(csrf)
check "posts under pseudonyms" is "$(send -d '{"q":"battery OR phone OR the OR a OR is OR die"}' "$BASE$url")" 200
check "... as the command line has them" cmp -s "$work/body" <(export_cli 'battery OR phone OR the OR a OR is OR die' --pseudonymous)
check "... as a file" grep -qi '^content-disposition: attachment; filename="halden-.*\.jsonl"' "$work/head"
check "... and how many" is "$(sed -n 's/\r$//; s/^Trimtab-Posts: //p' "$work/head")" "$(wc -l <"$work/body")"
check "... more than a page" [ "$(wc -l <"$work/body")" -gt 1000 ]
check "names are refused to a strategist" is "$(send -d '{"q":"battery","is_pseudonymous":false}' "$BASE$url")" 403
check "a wrong query is refused before anything is sent" is "$(send -d '{"q":"battery AND ("}' "$BASE$url")" 422
check "no query either" is "$(send -d '{}' "$BASE$url")" 422
check "nor a format that is none" is "$(send -d '{"q":"battery","format":"xls"}' "$BASE$url")" 422
check "nor a window that ends before it begins" is "$(send -d '{"q":"battery","from":"2025-02-01","to":"2025-01-01"}' "$BASE$url")" 422
check "the page exports" is "$(post '/w/halden/export?q=battery' -d format=csv -d names=pseudonyms -d no_text=1)" 200
check "... the same bytes" cmp -s "$work/body" <(export_cli battery --pseudonymous --no-text --format csv)
check "a workbook as well" is "$(post '/w/halden/export?q=battery' -d format=xlsx -d names=pseudonyms)" 200
check "... the same bytes" cmp -s "$work/body" <(export_cli battery --pseudonymous --format xlsx)
check "... which are a zip archive" is "$(head -c 4 "$work/body" | od -An -tx1 | tr -d ' ')" 504b0304
check "... not by name" is "$(post '/w/halden/export?q=battery' -d format=csv -d names=plain)" 403
check "every export that began is in the ledger" is "$(get '/api/v1/workspaces/halden/ledger?action=posts.export' >/dev/null; jq -r '[.items[].action] | join(" ")' "$work/body")" 'posts.export posts.export posts.export'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do # readers that go away hold nothing
    curl -s -b "$jar" -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' -d '{"q":"battery OR phone OR the OR a OR is"}' "$BASE$url" | head -c 100 >/dev/null
done
check "the server lives on and exports" is "$(send -d '{"q":"battery"}' "$BASE$url")" 200
echo "$PASSWORD" | "$TRIMTAB" account create ada --name 'Ada Test' --workspace halden --role admin --password-stdin --data "$work/data" >/dev/null
login ada
token=$(csrf)
check "an administrator exports names" is "$(send -d '{"q":"battery","is_pseudonymous":false,"format":"csv"}' "$BASE$url")" 200
check "... as the command line has them" cmp -s "$work/body" <(export_cli battery --format csv)
key=$("$TRIMTAB" account token create ada --name exporter --scopes read,write --workspace halden --data "$work/data" 2>/dev/null)
bearer() { curl -s -o "$work/body" -w '%{http_code}' -H "Authorization: Bearer $key" -H 'Content-Type: application/json' "$@" "$BASE$url"; }
check "a key exports under pseudonyms" is "$(bearer -d '{"q":"battery"}')" 200
check "... never names" is "$(bearer -d '{"q":"battery","is_pseudonymous":false}')" 403
login vera
token=$(csrf)
check "a viewer exports nothing" is "$(send -d '{"q":"battery"}' "$BASE$url")" 403
