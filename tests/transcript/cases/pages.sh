# Every page of the table answers, in both languages; forms keep what was typed.
login ida
for page in bridge model potential steering market market/terms market/needs 'market?needs=1' influence 'influence?query=halden-battery&days=3650' search 'search?q=battery' queries queries/new queries/halden-battery topics topics/battery ledger palette edit/option/repair-community edit/option/new edit/goal/new edit/assumption/battery-calm; do
    check "page $page" is "$(get "/w/halden/$page")" 200
done
get /w/halden/market -H 'Accept-Language: de-DE,de;q=0.9' >/dev/null
check "German by Accept-Language" contains "$work/body" '<html lang="de"'
get /w/halden/market -H 'Accept-Language: fr' >/dev/null
check "English otherwise" contains "$work/body" '<html lang="en"'
post /preferences -d language=de -d next=/ >/dev/null
check "preference is kept in a cookie" contains "$work/head" 'trimtab_language=de'
get '/w/halden/search?q=battery%20AND%20(drain%20OR%20hot)' >/dev/null
check "matched words are marked" contains "$work/body" '<mark>'
check "a wrong query" is "$(get '/w/halden/search?q=(battery')" 422
check "... names the place" contains "$work/body" 'badge-error'
check "live check of a query" is "$(post /w/halden/queries/check --data-urlencode 'text=battery AND drain OR hot')" 200
check "... reports the mixture" contains "$work/body" 'problems'
check "a bad query is not saved" is "$(post /w/halden/queries/new -d name=bad --data-urlencode 'text=(battery' -d do=save)" 422
check "... keeps the text" contains "$work/body" '(battery</textarea>'
check "a good one is saved" is "$(post /w/halden/queries/new -d name=hot --data-urlencode 'text=hot AND @@phones' -d do=save)" 303
check "... and shown" is "$(get /w/halden/queries/hot)" 200
get /w/halden/topics/battery >/dev/null
revision=$(grep -o 'name="revision" value="[0-9]*"' "$work/body" | head -1 | tr -dc 0-9)
check "an override without a proposal needs a reason" is "$(post /w/halden/topics/battery/rating -d "revision=$revision" -d affinity=3)" 422
check "... marks the field" contains "$work/body" 'aria-invalid="true"'
check "with a reason it is saved" is "$(post /w/halden/topics/battery/rating -d "revision=$revision" -d affinity=3 -d reason=Measured)" 303
get /w/halden/ledger >/dev/null
check "... and in the ledger" contains "$work/body" 'Measured'
check "text is escaped" is "$(post /w/halden/edit/goal/new --data-urlencode 'text=<script>alert(1)</script>' -d measure=m -d unit=EUR)" 303
get /w/halden/edit/goal/script-alert-1-script >/dev/null
check "... everywhere" lacks "$work/body" '<script>alert'
check "a field that is no number" is "$(post /w/halden/edit/option/repair-community -d revision=1 -d name=X -d topic=repair -d benefit.low=many)" 422
check "... is named" contains "$work/body" 'many'
check "an object in use is not removed" is "$(post /w/halden/edit/topic/repair/remove -d revision=1 -d change_reason=x)" 409
check "... and its form shows what is stored" contains "$work/body" 'name="name" value="Repair'
check "what changed meanwhile is not removed" is "$(post /w/halden/edit/goal/script-alert-1-script/remove -d revision=7)" 409
check "... the form has the present revision" contains "$work/body" 'name="revision" value="1"'
check "a removal without a revision" is "$(post /w/halden/edit/goal/script-alert-1-script/remove -d change_reason=x)" 422
check "... leaves it there" is "$(get /w/halden/edit/goal/script-alert-1-script)" 200
check "what was looked at is removed" is "$(post /w/halden/edit/goal/script-alert-1-script/remove -d revision=1)" 303
check "... and gone" is "$(get /w/halden/edit/goal/script-alert-1-script)" 404
rate=/w/halden/options/repair-guides/rating
check "the options board" is "$(get '/w/halden/options?kind=channel')" 200
check "... shows what the filter leaves" lacks "$work/body" 'id="option-repair-guides"'
check "a rating needs a reason" is "$(post $rate -d revision=1 -d rating=equal)" 422
check "... marks the field" contains "$work/body" 'id="reason-repair-guides" name="reason" rows="3" required aria-invalid="true"'
check "a rating against an old revision" is "$(post $rate -d revision=7 -d rating=equal -d reason=Old)" 409
check "... keeps what was typed" contains "$work/body" '>Old</textarea>'
check "a word that is no rating" is "$(post $rate -d revision=1 -d rating=best -d reason=x)" 422
check "a rating is saved" is "$(post $rate -d revision=1 -d rating=equal --data-urlencode 'reason=Tesk draws level')" 303
get /w/halden/ledger >/dev/null
check "... and in the ledger" contains "$work/body" 'Tesk draws level'
check "an option is changed by its form" is "$(post /w/halden/edit/option/repair-guides -d revision=2 -d name=Guides -d topic=repair -d kind=user_benefit -d benefit.low=8 -d benefit.likely=9 -d benefit.high=9 -d effort.low= -d requires=repair-community -d benefits=reduce-cost -d change_reason=x)" 303
check "a form that changes a rating in silence" is "$(post /w/halden/edit/option/repair-guides -d revision=3 -d name=Guides -d topic=repair -d kind=user_benefit -d rating=weaker)" 422
check "... marks the reason" contains "$work/body" 'id="change-reason" name="change_reason" value="" aria-invalid="true"'
check "... says what is allowed" contains "$work/body" 'Give any sentence as the reason of this change'
get '/w/halden/search?q=battery' >/dev/null
check "a post's text chooses its own direction" contains "$work/body" '<p class="post-text" dir="auto">'
get /w/halden/edit/option/repair-guides >/dev/null
check "... and what is typed" contains "$work/body" '<textarea class="form-control" dir="auto" id="f-text"'

# Every mark of the chart, several on one day too, is a link among the spikes: for keyboards and readers of screens.
get '/w/halden/market?query=halden-battery&days=3650' >/dev/null
marks=$(grep -o '"link":"[^"]*spikes/[0-9]*"' "$work/body" | grep -o '[0-9]*"$' | tr -d '"' | sort -u)
links=$(grep -o 'href="[^"]*spikes/[0-9]*"' "$work/body" | grep -o '[0-9]*"$' | tr -d '"' | sort -u)
check "the chart has marks" is "$([ -n "$marks" ] && echo yes)" yes
check "each is a link" is "$(comm -23 <(echo "$marks") <(echo "$links"))" ""
