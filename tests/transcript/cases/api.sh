# The API: description in step with the table, tokens, objects, errors.
api=/api/v1/workspaces/halden
login ida
check "description" is "$(get /api/v1/openapi.json)" 200
described=$(jq -r '.paths | to_entries[] | .key as $p | .value | keys[] | "\(ascii_upcase) \($p)"' "$work/body" | sort)
table=$(sed -n 's/^ *{HTTP_\([A-Z]*\), "\(\/api[^"]*\)".*/\1 \2/p' src/web/routes.c | sort)
check "description and route table agree" is "$described" "$table"
check "every permission is described" is "$(jq '[.paths[][] | select(has("x-permission") | not)] | length' "$work/body")" 0
for path in queries queries/halden-battery queries/halden-battery/needs 'posts?q=battery' signals spikes trends 'trends?lang=de&limit=3' strategy objects/topic objects/topic/battery reviews decision/paper ledger ledger/verify; do
    check "GET $path" is "$(get "$api/$path")" 200
    check "... is JSON" jq -e . "$work/body" >/dev/null
done
check "what a query complains about and wishes for" is "$(get "$api/queries/halden-battery/needs")" 200
check "... complaints and wishes" is "$(jq -r '[.lists[].kind] | join(" ")' "$work/body")" 'complaint wish'
check "... window, sample, coverage" jq -e '.from < .to and .mentions > 0 and .n > 0 and .n <= .mentions and .coverage > 0 and .coverage <= 1' "$work/body" >/dev/null
check "... some term stands out, each with base and interval" jq -e '.lists[0] | .base as $base | (.terms | length) > 0 and all(.terms[]; .count >= 4 and .count <= $base and .lift_low > 1 and .lift_low <= .lift and .lift <= .lift_high)' "$work/body" >/dev/null
most=$(jq -r '.lists[0].terms[0].count' "$work/body")
behind=$(jq -r '"query=halden-battery&q=\(.lists[0].terms[0].search | @uri)&from=\(.from | fromdate * 1000)&to=\(.to | fromdate * 1000)"' "$work/body")
check "... its search opens the posts behind it" is "$(get "$api/posts?$behind")" 200
check "... no fewer than were counted" jq -e ".total >= $most" "$work/body" >/dev/null
check "an empty window is refused" is "$(get "$api/queries/halden-battery/needs?from=2000&to=1000")" 400
check "a window without posts tells nothing" is "$(get "$api/queries/halden-battery/needs?from=1000&to=7200000")" 200
check "... and says so" is "$(jq -c '[.mentions, .n, .coverage]' "$work/body")" '[0,0,0]'
check "the needs of no query" is "$(get "$api/queries/none/needs")" 404
check "a trend that is none" is "$(get $api/trends/999)" 404
check "no decision yet" is "$(get $api/decision)" 404
check "... as problem details" contains "$work/head" 'application/problem+json'
check "... and none to run again" is "$(get $api/decision/replay)" 404
check "... on no page" is "$(get /w/halden/decision/replay)" 404
check "... in words" contains "$work/body" 'Nothing is decided yet'
jar=$work/none.jar
check "without log-in" is "$(get $api/queries)" 401
check "a wrong token" is "$(get $api/queries -H 'Authorization: Bearer trim_nothing')" 401
login ida
token=$(csrf)
send() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
check "check a query" is "$(send -d '{"text":"(a"}' "$BASE$api/queries/check")" 200
check "... finds the mistake" is "$(jq .is_good "$work/body")" false
check "create a query" is "$(send -d '{"name":"cold","text":"cold AND @@phones"}' "$BASE$api/queries")" 201
check "twice is a conflict" is "$(send -d '{"name":"cold","text":"cold"}' "$BASE$api/queries")" 409
check "broken JSON" is "$(send -d '{' "$BASE$api/queries")" 422
check "another type" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -H "X-CSRF-Token: $token" -d x=1 "$BASE$api/queries")" 400
check "create an object" is "$(send -X PUT -d '{"revision":0,"object":{"id":"quiet","text":"Fewer calls","measure":"calls","unit":"calls"}}' "$BASE$api/objects/goal/quiet")" 200
check "an old revision is refused" is "$(send -X PUT -d '{"revision":7,"object":{"id":"quiet","text":"x"}}' "$BASE$api/objects/goal/quiet")" 409
check "remove it" is "$(send -X DELETE "$BASE$api/objects/goal/quiet?reason=done")" 204
# A rating says why it changed, also where the whole topic is sent.
get "$api/objects/topic/camera" >/dev/null
cp "$work/body" "$work/topic"
rate() { # jq filter on {revision, object}: the status
    jq -c "$1" "$work/topic" >"$work/put"
    send -X PUT -d "@$work/put" "$BASE$api/objects/topic/camera"
}
for change in '.object.affinity = ((.object.affinity // 0) + 1) % 5' '.object.standing = (if .object.standing == "weaker" then "leading" else "weaker" end)' \
    '.object.position = (if .object.position == "ours" then "open" else "ours" end)'; do
    check "no rating without a reason: $change" is "$(rate "$change")" 422
    check "... names the field" contains "$work/body" '"detail":"Reason: '
    check "... and what is allowed" contains "$work/body" '"hint":"Give any sentence as the reason'
    check "blanks are no reason: $change" is "$(rate "$change | .reason = \"  \"")" 422
done
check "the topic is as it was" is "$(get "$api/objects/topic/camera" >/dev/null; jq .revision "$work/body")" "$(jq .revision "$work/topic")"
check "another member needs none" is "$(rate '.object.note = "looked at"')" 200
get "$api/objects/topic/camera" >/dev/null
cp "$work/body" "$work/topic"
check "a low affinity without its cause is refused" is "$(rate '.object.affinity = 0 | .object.low_cause = "" | .object.affinity_reason = "asked thirty users"')" 422
check "... names the field" contains "$work/body" 'low affinity needs its cause'
check "a reason of its own will do" is "$(rate '.object.affinity = 0 | .object.low_cause = "nobody asks" | .object.affinity_reason = "asked thirty users"')" 200
get "$api/objects/topic/camera" >/dev/null
cp "$work/body" "$work/topic"
check "so will the reason of the change" is "$(rate '.object.standing = (if .object.standing == "weaker" then "leading" else "weaker" end) | .reason = "tested against two rivals"')" 200
check "... and stands in the ledger" is "$(get "$api/ledger?kind=topic&id=camera&limit=1" >/dev/null; jq -r '.items[0].reason' "$work/body")" 'tested against two rivals'
check "a new topic cannot be rated in silence" is "$(send -X PUT -d '{"revision":0,"object":{"id":"silent","name":"Silent","size":"basic","affinity":3}}' "$BASE$api/objects/topic/silent")" 422
check "... nor is it there" is "$(get "$api/objects/topic/silent")" 404
get $api/queries >/dev/null
etag=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ee][Tt]ag: //p')
check "unchanged answers are not sent again" is "$(get $api/queries -H "If-None-Match: $etag")" 304
check "the tables of the paper are a workbook" is "$(get /w/halden/decision/paper.xlsx)" 200
check "... which is a zip archive" is "$(head -c 4 "$work/body" | od -An -tx1 | tr -d ' ')" 504b0304
