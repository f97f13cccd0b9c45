# Labels and corrections: drawn, judged, read over the API, refused where they should be.
login ida
desk=/w/halden/queries/halden-battery
check "labels: overview" is "$(get /w/halden/labels)" 200
check "labels: a query without labels" is "$(get $desk/labels)" 200
check "... says so" contains "$work/body" 'Nothing is labelled yet'
check "labels: market says not measured" is "$(get '/w/halden/market?query=halden-battery')" 200
check "... with a link" contains "$work/body" 'not measured here'
check "labels: a sample too large" is "$(post $desk/labels -d count=5000 -d days=0 -d design=uniform)" 422
check "labels: draw" is "$(post $desk/labels -d count=3 -d days=0 -d design=uniform)" 303
round=$(sed -n 's/^[Ll]ocation: \([^ \r]*\).*/\1/p' "$work/head")
check "... leads to the desk" is "$(get "$round")" 200
check "... which hides the machine" lacks "$work/body" 'the machine says'
check "labels: judge" is "$(post "$round" -d post=1 -d verdict=positive)" 303
check "... then the machine is told" is "$(get "$round?at=1&last=1")" 200
check "... in words" contains "$work/body" 'you said positive, the machine says'
check "labels: a verdict that is none" is "$(post "$round" -d post=1 -d verdict=lovely)" 422
check "labels: a post that is none" is "$(post "$round" -d post=99 -d verdict=neutral)" 404
check "labels: undo" is "$(post "$round" -d do=undo)" 303
check "labels: nothing to close" is "$(post "$round" -d do=close)" 409
check "labels: judge again" is "$(post "$round" -d post=2 -d verdict=negative)" 303
check "labels: close" is "$(post "$round" -d do=close)" 303
check "labels: a closed round stays" is "$(post "$round" -d post=3 -d verdict=neutral)" 409
check "labels: API" is "$(get /api/v1/workspaces/halden/queries/halden-battery/labels)" 200
check "... counts them" is "$(jq '.judged, .answer' "$work/body" | tr '\n' ' ')" '1 "too_few" '
check "labels: one entry in the ledger" is "$(get '/api/v1/workspaces/halden/ledger?action=label_round.close')" 200
check "... and no more" is "$(jq '.items | length' "$work/body")" 1
token=$(csrf)
put() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -X PUT -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
words=$BASE/api/v1/workspaces/halden/queries/halden-battery/corrections
check "corrections: put" is "$(put -d '{"items":[{"term":"sick","context":"trick","mood":"positive"}],"reason":"slang"}' "$words")" 200
check "... is version 1, not applied" is "$(jq -c '[.version, .is_applied, (.items | length)]' "$work/body")" '[1,false,1]'
check "corrections: a mood that is none" is "$(put -d '{"items":[{"term":"sick","mood":"fine"}]}' "$words")" 422
check "corrections: a term that is none" is "$(put -d '{"items":[{"term":"(a","mood":"neutral"}]}' "$words")" 422
check "corrections: the page waits for a rematch" is "$(get $desk/corrections)" 200
check "... and offers it" contains "$work/body" 'Match the stored posts again'
check "corrections: match again" is "$(post $desk/corrections/restate)" 303
for _ in $(seq 300); do
    get /api/v1/workspaces/halden/rematch >/dev/null
    [ "$(jq -r .state "$work/body")" = running ] || break
    sleep 0.1
done
check "... to its end" is "$(jq -r .state "$work/body")" done
check "... applied" is "$(get /api/v1/workspaces/halden/queries/halden-battery/corrections)" 200
check "... as told" is "$(jq .is_applied "$work/body")" true
check "labels: why a post has its mood" is "$(get '/w/halden/search?q=battery')" 200
why=$(grep -o '/w/halden/posts/[0-9]*/[0-9]*' "$work/body" | head -1)
check "... is a page of its own" is "$(get "$why")" 200
check "... with parts or without" grep -qE 'Speaks for|No word stands out' "$work/body"
check "... and queries" contains "$work/body" '/market?query='
check "... a post that is none" is "$(get /w/halden/posts/24316/99999999)" 404
login vera
check "labels: who may only look cannot judge" is "$(post "$round" -d post=1 -d verdict=neutral)" 403
check "labels: ... nor draw" is "$(post $desk/labels -d count=3)" 403
check "corrections: ... nor save" is "$(post $desk/corrections -d do=save -d term1=a -d mood1=1)" 403
check "corrections: ... but may try" is "$(post $desk/corrections -d do=preview -d term1=battery -d mood1=1)" 200
login olga
check "labels: another company's are not there" is "$(get /w/halden/labels)" 404
