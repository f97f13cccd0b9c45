# queries.sh - the editor behind its page: problems, backtest before saving, other dialects, wordings, removal, long texts.
login ida
page() { get "/w/halden/$1"; }
check 'an editor knows names and fields' is "$(page queries/new; grep -c 'halden-battery' "$work/body")" 2001
check 'a query is tried on stored posts' is "$(post /w/halden/queries/backtest --data-urlencode 'text=battery AND (drain* OR empty)')" 200
check '... with counts' contains "$work/body" 'Posts it finds'
check '... a course' contains "$work/body" 'data-chart="time"'
check '... and alerts a week with their interval' contains "$work/body" 'Exact Poisson interval'
check 'a wrong one is told' is "$(post /w/halden/queries/backtest --data-urlencode 'text=(battery'; grep -c 'class="negative"' "$work/body")" 2001
check 'without scripts the editor tries as well' is "$(post /w/halden/queries/new -d do=backtest --data-urlencode 'text=battery')" 200
check '... and keeps what was typed' contains "$work/body" '>battery</textarea>'
check '... and saves nothing' is "$(page queries/battery)" 404
check 'another dialect is translated' is "$(post /w/halden/queries/import -d dialect=brandwatch --data-urlencode 'foreign=(battery NEAR/3 drain) AND authorGender:F')" 200
check '... the loss is told' contains "$work/body" 'authorGender'
check '... as a loss' contains "$work/body" 'badge-error'
check '... the rest is there' contains "$work/body" 'NEAR/3'
check 'an empty one is refused' is "$(post /w/halden/queries/import -d dialect=meltwater)" 422
check 'a query is saved' is "$(post /w/halden/queries/new -d do=save -d name=worded --data-urlencode 'text=battery AND empty')" 303
check '... changed' is "$(post /w/halden/queries/worded -d do=save --data-urlencode 'text=battery AND (empty OR flat)')" 303
page queries/worded/versions >/dev/null
check '... its wordings differ visibly' contains "$work/body" '<ins>'
check '... both are there' is "$(grep -c 'Version [12]' "$work/body")" 2
check 'an earlier wording is restored' is "$(post /w/halden/queries/worded -d do=save -d 'reason=restored from version 1' --data-urlencode 'text=battery AND empty')" 303
page queries/worded >/dev/null
check '... as a new version' contains "$work/body" 'Version 3'
check 'another query names it' is "$(post /w/halden/queries/new -d do=save -d name=naming --data-urlencode 'text=@@worded AND night')" 303
page queries/worded >/dev/null
check '... which is told before it is removed' contains "$work/body" 'Another query names it'
check '... and keeps it' is "$(post /w/halden/queries/worded/remove)" 409
check 'an alert rule watches' "$TRIMTAB" alert add night --query naming --kind hour --workspace halden --data "$work/data"
check '... and keeps it too' is "$(post /w/halden/queries/naming/remove; grep -c 'watches the query' "$work/body" >/dev/null && echo yes)" 409yes
check '... until it is off' "$TRIMTAB" alert off night --workspace halden --data "$work/data"
check 'what nothing names is removed' is "$(post /w/halden/queries/naming/remove -d reason=tidy)" 303
check '... then what it named' is "$(post /w/halden/queries/worded/remove)" 303
check '... it is gone' is "$(page queries/worded)" 404
check '... from the list' is "$(page queries; grep -c '>worded<' "$work/body")" 2000
check '... and its name is free' is "$(post /w/halden/queries/new -d do=save -d name=worded --data-urlencode 'text=other')" 303
check '... with wordings of its own' is "$(page queries/worded/versions; grep -c 'Version 2' "$work/body")" 2000
post /w/halden/queries/worded/remove >/dev/null
long=$(for i in $(seq 6200); do printf 'word%05d OR ' "$i"; done)last
check 'a long query is checked' is "$(curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $(csrf)" --data-urlencode text@- "$BASE/w/halden/queries/check" <<<"$long")" 200
check '... and can be used' contains "$work/body" 'Can be used'
login vera
check 'a viewer may try' is "$(post /w/halden/queries/backtest --data-urlencode 'text=battery')" 200
check '... not remove' is "$(post /w/halden/queries/halden-battery/remove)" 403
