# Sources by page and by API: add, refuse, switch, poll, gaps, remove; a key is shown once and never again.
api=/api/v1/workspaces/halden/sources
login ida
token=$(csrf)
send() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
check "no source yet" is "$(get /w/halden/sources)" 200
check "... says what to do" contains "$work/body" 'Add the first source'
check "a wrong address is refused" is "$(post /w/halden/sources/new --data-urlencode name=news --data-urlencode kind=feed --data-urlencode address=example.org)" 422
check "... keeps what was typed" contains "$work/body" 'value="news"'
check "... marks the field" contains "$work/body" 'aria-describedby="problem"'
check "a webhook is added" is "$(post /w/halden/sources/new --data-urlencode name=crm --data-urlencode kind=webhook)" 200
secret=$(sed -n 's/.*<br><code>\([A-Za-z0-9_-]*\)<\/code>.*/\1/p' "$work/body")
check "... its key is shown" is "${#secret}" 43
check "... once" is "$(get /w/halden/sources/crm >/dev/null; grep -c -- "$secret" "$work/body")" 0
check "... and not in the ledger" is "$(get /w/halden/ledger?kind=source >/dev/null; grep -c -- "$secret" "$work/body")" 0
check "a feed over the API" is "$(send -d '{"name":"news","kind":"feed","address":"http://127.0.0.1:9/feed","expected_seconds":3600,"is_on":false}' "$BASE$api")" 201
check "... twice is a conflict" is "$(send -d '{"name":"news","kind":"feed","address":"http://127.0.0.1:9/feed"}' "$BASE$api")" 409
check "... of no kind" is "$(send -d '{"name":"other","kind":"telex"}' "$BASE$api")" 422
check "both are listed" is "$(get $api >/dev/null; jq -r '[.items[].name] | join(" ")' "$work/body")" 'crm news'
check "a change names the revision" is "$(send -X PUT -d '{"revision":9,"title":"News"}' "$BASE$api/news")" 409
check "... and is made" is "$(send -X PUT -d '{"revision":1,"title":"News"}' "$BASE$api/news")" 200
check "... keeping the rest" is "$(jq -r '.title + " " + .address' "$work/body")" 'News http://127.0.0.1:9/feed'
check "switched on" is "$(send -d '{"is_on":true,"reason":"try"}' "$BASE$api/news/switch")" 200
for _ in $(seq 60); do
    get $api/news >/dev/null
    [ "$(jq -r .health.trouble "$work/body")" = not_public ] && break
    sleep 0.1
done
check "an address inside is not read" is "$(jq -r .health.trouble "$work/body")" not_public
check "... with advice" [ -n "$(jq -r .health.advice "$work/body")" ]
check "... in words on its page" is "$(get /w/halden/sources/news >/dev/null; grep -c 'The address lies inside the network' "$work/body")" 1
check "looked at on request" is "$(post /w/halden/sources/news/poll)" 303
check "gaps are listed" is "$(get $api/news/gaps >/dev/null; jq '.items | length' "$work/body")" 0
check "switched off by the page" is "$(post /w/halden/sources/news/switch)" 303
check "... it is off" is "$(get $api/news >/dev/null; jq .is_on "$work/body")" false
check "removed" is "$(send -X DELETE "$BASE$api/news")" 204
check "... it is gone" is "$(get $api/news)" 404
check "the ledger has each change" is "$(get "/api/v1/workspaces/halden/ledger?kind=source" >/dev/null; jq -r '[.items[].action] | join(" ")' "$work/body")" \
    'source.remove source.off source.on source.change source.create source.create'
login vera
check "a viewer sees them" is "$(get /w/halden/sources/crm)" 200
check "... and cannot change them" lacks "$work/body" 'Remove this source'
