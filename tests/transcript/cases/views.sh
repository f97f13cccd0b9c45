# Searches kept as views, by page and by API: kept, opened, found in the palette, shared, renamed, removed; facets by API.
views=/api/v1/workspaces/halden/views
posts=/api/v1/workspaces/halden/posts
send() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
login ida
token=$(csrf)
search='q=battery%20AND%20lang:de&query=&days=36500&order=oldest'
check "a search is kept as a view" is "$(post "/w/halden/views/new?$search" --data-urlencode 'name=Akku <b>')" 303
place=$(sed -n 's/\r$//; s/^Location: //p' "$work/head")
id=${place##*=}
check "... which is where one is sent" is "$place" "/w/halden/search?view=$id"
check "... and opens" is "$(get "$place")" 200
check "... with its words" contains "$work/body" 'value="battery AND lang:de"'
check "... its window" contains "$work/body" '<option value="36500" selected>'
check "... and its name, escaped" contains "$work/body" 'Akku &lt;b&gt;'
check "a name twice is refused" is "$(post "/w/halden/views/new?$search" --data-urlencode 'name=Akku <b>')" 409
check "... beside what was typed" contains "$work/body" 'id="n-name" name="name" required maxlength="100" value="Akku &lt;b&gt;"'
check "... and the search" contains "$work/body" 'value="battery AND lang:de"'
check "no name is refused" is "$(post "/w/halden/views/new?$search" --data-urlencode 'name=')" 422
check "a search that is wrong is refused" is "$(post "/w/halden/views/new?q=(battery" --data-urlencode 'name=x')" 422
check "the palette has it" is "$(get /w/halden/palette >/dev/null; jq -r --arg l "$place" '.[] | select(.link == $l) | .label + "|" + .kind' "$work/body")" 'Akku <b>|View'
check "another search is saved into it" is "$(post "/w/halden/views/$id?q=battery&days=7&view=$id" --data-urlencode do=search)" 303
check "... and only that" is "$(get "$views/$id" >/dev/null; jq -r '[.q, .name, .days, .order, .owner, .is_shared] | map(tostring) | join("|")' "$work/body")" 'battery|Akku <b>|7|newest|ida|false'
check "it is renamed and shared" is "$(post "/w/halden/views/$id?view=$id" --data-urlencode name=Akku --data-urlencode shared=1)" 303
check "... in the ledger" is "$(get "/api/v1/workspaces/halden/ledger?kind=view" >/dev/null; jq -r '.items[0].action' "$work/body")" view.change
check "a window that ends before it begins is told" is "$(get '/w/halden/search?q=battery&from=2025-02-01&to=2025-01-01')" 422
check "... beside the form" contains "$work/body" 'id="problem"'
check "a time that is none is told" is "$(get '/w/halden/search?q=battery&from=soon')" 422
check "a view that is none" is "$(get '/w/halden/search?view=999')" 404
check "a view over the API" is "$(send -d '{"name":"complaints","q":"sentiment:negative","query":"brand-halden","from":"2025-01-01","to":"2025-01-31","order":"relevant"}' "$BASE$views")" 201
own=$(jq .id "$work/body")
check "... a day as the end is inside" is "$(jq -r '.from + " " + .to' "$work/body")" '2025-01-01T00:00:00Z 2025-02-01T00:00:00Z'
check "... changed in part" is "$(send -X PUT -d '{"days":30}' "$BASE$views/$own")" 200
check "... the rest stays" is "$(jq -r '[.days, .order, .q, .query, .from] | map(tostring) | join(" ")' "$work/body")" '30 relevant sentiment:negative brand-halden null'
check "... an unknown order" is "$(send -X PUT -d '{"order":"loud"}' "$BASE$views/$own")" 422
check "... a wrong query" is "$(send -X PUT -d '{"q":"a AND ("}' "$BASE$views/$own")" 422
check "posts of a view" is "$(get "$posts?view=$id&days=36500&q=battery&limit=1")" 200
check "posts of a view over all time" is "$(send -X PUT -d '{"days":0}' "$BASE$views/$id")" 200
check "... with facets" is "$(get "$posts?view=$id&limit=1&facets=1")" 200
check "... over everything found" is "$(jq '.total > 1 and .total == ([.facets.sentiment.items[].count] | add) and .total == ([.facets.day.items[].count] | add)' "$work/body")" true
check "... all kinds" is "$(jq -r '.facets | keys_unsorted | join(" ")' "$work/body")" 'source lang sentiment kind country query author day month'
first=$(jq -r '.facets.source.items[0] | .value + " " + (.count|tostring)' "$work/body")
check "... a facet counts what its field finds" is "$(get "$posts?q=battery%20AND%20source:${first% *}&limit=1" >/dev/null; jq .total "$work/body")" "${first#* }"
check "none without being asked" is "$(get "$posts?q=battery&limit=1" >/dev/null; jq 'has("facets")' "$work/body")" false
check "a wrong number is refused" is "$(get "$posts?q=battery&limit=many")" 422
check "a wrong time is refused" is "$(get "$posts?q=battery&from=soon")" 422
check "oldest first" is "$(get "$posts?q=battery&order=oldest&limit=2" >/dev/null; jq '.items[0].created_at <= .items[1].created_at' "$work/body")" true
key=$("$TRIMTAB" account token create ida --name reader --scopes read --workspace halden --data "$work/data" 2>/dev/null)
check "a key that reads sees them" is "$(get "$views" -H "Authorization: Bearer $key")" 200
check "... and keeps none" is "$(curl -s -o "$work/body" -w '%{http_code}' -H "Authorization: Bearer $key" -H 'Content-Type: application/json' -d '{"name":"k","q":"a"}' "$BASE$views")" 403
login vera
token=$(csrf)
check "a viewer sees what is shared" is "$(get $views >/dev/null; jq -r '[.items[] | .name + " " + (.may_change|tostring)] | join(",")' "$work/body")" 'Akku false'
check "... not what is private" is "$(get "$views/$own")" 404
check "... nor in the palette" is "$(get /w/halden/palette >/dev/null; jq '[.[] | select(.kind == "View")] | length' "$work/body")" 1
check "... keeps her own" is "$(post "/w/halden/views/new?q=screen" --data-urlencode name=Mine)" 303
check "... may not share it" is "$(post "/w/halden/views/new?q=screen" --data-urlencode name=Ours --data-urlencode shared=1)" 403
check "... nor change another's" is "$(send -X PUT -d '{"name":"hers"}' "$BASE$views/$id")" 403
check "... nor remove it" is "$(post "/w/halden/views/$id/remove")" 403
check "the command line lists what is shared" is "$("$TRIMTAB" view list --workspace halden --data "$work/data" | cut -f2-6)" $'Akku\tida\tshared\tall\tnewest'
check "... searches it" is "$("$TRIMTAB" post search --view Akku --count --workspace halden --data "$work/data")" "$("$TRIMTAB" post search battery --count --workspace halden --data "$work/data")"
login ida
token=$(csrf)
check "the owner removes it" is "$(post "/w/halden/views/$id/remove")" 303
check "... by API too" is "$(send -X DELETE "$BASE$views/$own")" 204
check "nothing is left" is "$(get $views >/dev/null; jq '.items | length' "$work/body")" 0
login olga
check "another company's views are not there" is "$(get $views)" 404
login ida
plain=$(get "$posts?q=thank&limit=1" >/dev/null; jq .total "$work/body")
check "stems find more" [ "$(get "$posts?q=thank&limit=1&stems=1" >/dev/null; jq .total "$work/body")" -gt "$plain" ]
check "... not a word in quotes" is "$(get "$posts?q=%22thank%22&limit=1&stems=1" >/dev/null; jq .total "$work/body")" "$plain"
check "... the matched form is named" is "$(get "$posts?q=thank+-%22thank%22&limit=1&stems=1" >/dev/null; jq -r '.items[0] | .text[.matched[0].from:.matched[0].to] | ascii_downcase | startswith("thank") and . != "thank"' "$work/body")" true
check "the page has the box ticked" is "$(get '/w/halden/search?q=problem&stems=1')" 200
check "... and keeps it in its links" contains "$work/body" '&amp;stems=1'
