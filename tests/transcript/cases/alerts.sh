# Alert rules and alerts by page and by API: tried, armed, refused, raised by new posts, explained, acknowledged.
rules=/api/v1/workspaces/halden/alert-rules
alerts=/api/v1/workspaces/halden/alerts
login ida
token=$(csrf)
send() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
check "no rule yet" is "$(get /w/halden/alerts)" 200
check "... says what to do" contains "$work/body" 'Make the first rule'
check "a rule is tried over the API" is "$(send -d '{"query":"brand-halden","kind":"sigma","k":3,"period":"day","incidents":[{"start":"2025-01-01","end":"2025-01-02","name":"x"}]}' "$BASE$rules/test")" 200
check "... and told how often" is "$(jq -r '.alerts_a_week | .low <= .value and .value <= .high' "$work/body")" true
check "... nothing is stored" is "$(get $rules >/dev/null; jq '.items | length' "$work/body")" 0
check "a setting that is not used is refused" is "$(send -d '{"query":"brand-halden","kind":"poisson","k":3}' "$BASE$rules/test")" 422
check "an unknown query is refused" is "$(send -d '{"name":"a","query":"nobody"}' "$BASE$rules")" 422
check "a rule over the API" is "$(send -d '{"name":"burst","query":"brand-halden","period":"day","title":"Halden is talked about"}' "$BASE$rules")" 201
check "... at its defaults" is "$(jq -r '.kind + " " + .sensitivity + " " + (.effective.floor|tostring)' "$work/body")" 'poisson medium 5'
check "... twice is a conflict" is "$(send -d '{"name":"burst","query":"brand-halden"}' "$BASE$rules")" 409
check "a change names the version" is "$(send -X PUT -d '{"version":9,"floor":8}' "$BASE$rules/burst")" 409
check "... and is made" is "$(send -X PUT -d '{"version":1,"floor":8,"reason":"loud"}' "$BASE$rules/burst")" 200
check "... as a new version" is "$(jq '.version' "$work/body")" 2
check "switched off" is "$(send -d '{"is_on":false}' "$BASE$rules/burst/switch")" 200
check "switched on by the page" is "$(post /w/halden/alerts/rules/burst/switch)" 303
form=(--data-urlencode name=mood --data-urlencode query=brand-halden --data-urlencode kind=crossing --data-urlencode period=day --data-urlencode sensitivity=medium --data-urlencode direction=fall)
check "the page tries a rule" is "$(post /w/halden/alerts/rules/new "${form[@]}" --data-urlencode 'incidents=2024-02-01,2024-02-03,x' --data-urlencode do=try)" 200
check "... and shows what it would have raised" contains "$work/body" 'What it would have raised'
check "... keeps what was typed" contains "$work/body" 'value="mood"'
check "a wrong number is refused" is "$(post /w/halden/alerts/rules/new "${form[@]}" --data-urlencode threshold=2 --data-urlencode do=save)" 422
check "... marks the field" contains "$work/body" 'id="problem"'
check "the page saves it" is "$(post /w/halden/alerts/rules/new "${form[@]}" --data-urlencode do=save)" 303
check "both are listed" is "$(get $rules >/dev/null; jq -r '[.items[].name] | join(" ")' "$work/body")" 'burst mood'
check "nothing was raised by what was known" is "$(get $alerts >/dev/null; jq '.items | length' "$work/body")" 0
get "/api/v1/workspaces/halden/signals/query:1:mentions:day/points" >/dev/null
last=$(jq -r '.items[-1].start // .points[-1].start // empty' "$work/body" | head -1)
day=$(($(date -u -d "${last:-2025-06-01}" +%s) + 86400))
for i in $(seq 400); do echo "{\"id\":\"burst-$i\",\"source\":\"forum\",\"created_at\":$((day + i * 60)),\"author\":\"w$((i % 7))\",\"text\":\"My Halden phone battery burns\"}"; done >"$work/burst.jsonl"
check "new posts come" "$TRIMTAB" post import -q --workspace halden --data "$work/data" "$work/burst.jsonl" --json >/dev/null
check "one alert is raised" is "$(get "$alerts?state=open&rule=burst" >/dev/null; jq '.items | length' "$work/body")" 1
id=$(jq '.items[0].id' "$work/body")
check "... the same posts again raise none" is "$("$TRIMTAB" post import -q --workspace halden --data "$work/data" "$work/burst.jsonl" >/dev/null 2>&1; get "$alerts?rule=burst" >/dev/null; jq '.items | length' "$work/body")" 1
check "... it explains itself" is "$(get $alerts/$id >/dev/null; jq -r '[.explanation.terms[].term] | index("burns") != null' "$work/body")" true
check "... by its authors" is "$(jq -r '.explanation.authors.top[0].author | test("^w[0-6]$")' "$work/body")" true
check "... on its page" is "$(get /w/halden/alerts/$id)" 200
check "... with the words" contains "$work/body" 'What makes the difference'
copies=$(sed -n 's/.*href="\([^"]*\/copies?[^"]*\)">and \([0-9]*\) copies.*/\2 \1/p' "$work/body" | head -1 | sed 's/&amp;/\&/g')
check "... what all say is shown once" is "$((${copies%% *} >= 399))" 1
check "... and its copies open" is "$(get "${copies#* }")" 200
check "... as many as were told" contains "$work/body" "${copies%% *} copies"
check "copies of a post that is not there" is "$(get '/w/halden/copies?query=brand-halden&source=forum&id=nobody&from=1&to=2')" 200
check "... are told" contains "$work/body" 'not in the archive any more'
check "copies need a window" is "$(get '/w/halden/copies?query=brand-halden&source=forum&id=x&from=9&to=2')" 404
check "acknowledged by the page" is "$(post /w/halden/alerts/$id/acknowledge --data-urlencode note=known)" 303
check "... with the note" is "$(get $alerts/$id >/dev/null; jq -r '.state + " " + .acknowledged_by + " " + .note' "$work/body")" 'acknowledged ida known'
check "none is open" is "$(get "$alerts?state=open&rule=burst" >/dev/null; jq '.items | length' "$work/body")" 0
check "a state that is none" is "$(get "$alerts?state=loud")" 422
check "an alert that is not there" is "$(get /w/halden/alerts/999)" 404
check "the ledger has each change" is "$(get "/api/v1/workspaces/halden/ledger?kind=alert_rule" >/dev/null; jq -r '[.items[].action] | join(" ")' "$work/body")" \
    'alert_rule.create alert_rule.on alert_rule.off alert_rule.change alert_rule.create'
past=(--data-urlencode name=past --data-urlencode query=brand-halden --data-urlencode kind=poisson --data-urlencode period=day --data-urlencode sensitivity=medium --data-urlencode direction=fall)
check "the form takes query and name from its address" is "$(get '/w/halden/alerts/rules/new?query=brand-halden&past=1')" 200
check "... ready to tell the past" contains "$work/body" 'name="past" value="1" checked'
check "... of that query" contains "$work/body" 'id="name" name="name" value="brand-halden"'
check "a rule that tells what is stored" is "$(post /w/halden/alerts/rules/new "${past[@]}" -d past=1 --data-urlencode do=save)" 303
check "... raises the burst without a new post" is "$(get "$alerts?rule=past" >/dev/null; jq -r --arg day "$(date -u -d "@$day" +%F)" '[.items[].start[:10]] | index($day) != null' "$work/body")" true
check "... and no event twice under one rule" is "$(jq '[.items[].start] | length - (unique | length)' "$work/body")" 0
login vera
token=$(csrf)
check "a viewer sees them" is "$(get /w/halden/alerts?state=all)" 200
check "... may try a rule" is "$(post /w/halden/alerts/rules/new "${form[@]}" --data-urlencode do=try)" 200
check "... and not make one" is "$(post /w/halden/alerts/rules/new "${form[@]}" --data-urlencode do=save)" 403
check "... nor over the API" is "$(send -d '{"name":"v","query":"brand-halden"}' "$BASE$rules")" 403
check "... nor switch one" is "$(post /w/halden/alerts/rules/burst/switch)" 403
check "... nor acknowledge" is "$(post /w/halden/alerts/$id/acknowledge)" 403
login olga
check "another company's alerts are not there" is "$(get /w/halden/alerts)" 404
# A rule may tell of stored posts as well, by API and command line as by the form.
login ida
token=$(csrf)
raised() { get "$alerts?limit=1000" >/dev/null; jq --arg rule "$1" '[.items[] | select(.rule == $rule)] | length' "$work/body"; }
check "a rule that tells of stored posts" is "$(send -d '{"name":"past3","query":"brand-halden","period":"day","sensitivity":"high","has_past":true}' "$BASE$rules")" 201
past=$(raised past3)
check "... raises their alerts at once" [ "$past" -gt 0 ]
check "... the command line the same" is "$("$TRIMTAB" alert add past2 --query brand-halden --period day --sensitivity high --stored --workspace halden --data "$work/data" 2>&1 | sed -n 's/ alerts of stored posts.*//p')" "$past"
check "one that does not" is "$(send -d '{"name":"ahead","query":"brand-halden","period":"day","sensitivity":"high"}' "$BASE$rules")" 201
check "... raises none of them" is "$(raised ahead)" 0
for rule in past3 past2 ahead; do send -d '{"is_on":false}' "$BASE$rules/$rule/switch" >/dev/null; done
