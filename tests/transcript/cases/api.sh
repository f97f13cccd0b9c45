# The API: description in step with the table, tokens, objects, errors.
api=/api/v1/workspaces/halden
login ida
check "description" is "$(get /api/v1/openapi.json)" 200
described=$(jq -r '.paths | to_entries[] | .key as $p | .value | keys[] | "\(ascii_upcase) \($p)"' "$work/body" | sort)
table=$(sed -n 's/^ *{HTTP_\([A-Z]*\), "\(\/api[^"]*\)".*/\1 \2/p' src/web/routes.c | sort)
check "description and route table agree" is "$described" "$table"
check "every permission is described" is "$(jq '[.paths[][] | select(has("x-permission") | not)] | length' "$work/body")" 0
for path in queries queries/halden-battery 'posts?q=battery' signals spikes strategy objects/topic objects/topic/battery reviews decision/paper ledger ledger/verify; do
    check "GET $path" is "$(get "$api/$path")" 200
    check "... is JSON" jq -e . "$work/body" >/dev/null
done
check "no decision yet" is "$(get $api/decision)" 404
check "... as problem details" contains "$work/head" 'application/problem+json'
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
get $api/queries >/dev/null
etag=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ee][Tt]ag: //p')
check "unchanged answers are not sent again" is "$(get $api/queries -H "If-None-Match: $etag")" 304
