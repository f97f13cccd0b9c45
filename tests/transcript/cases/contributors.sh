# Twenty links for people from outside: what opens, what is refused, what counts (issue 4, Show 8).
echo 'Keep it to yourself.' >"$work/agreement.txt"
login ida
token=$(csrf)
api() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -X "$1" -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' -d "$3" "$BASE/api/v1/workspaces/halden/objects/$2"; }
check "a version to vote on" is "$(api PUT version/quiet-start '{"revision":0,"object":{"id":"quiet-start","name":"Quiet start","focus":"own","text":"Answer first, then ask."}}')" 200
link() { # workspace, name, more of the command: the path of the link
    "$TRIMTAB" contributor add "$2" --workspace "$1" --data "$work/data" --agreement "$work/agreement.txt" "${@:3}"
}
shown=(--objects version:quiet-start,topic:battery,option:repair-guides)
# A person is no browser of ours: no cookies at all.
look() { curl -s -o "$work/body" -D "$work/head" -w '%{http_code}' "$BASE$1" "${@:2}"; }
field() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$work/body" | head -1; }
say() { # link, what, more fields: the status
    look "$1" >/dev/null
    look "$1" --data-urlencode "form=$(grep -o 'name="form" value="[^"]*"' "$work/body" | head -1 | cut -d'"' -f4)" \
        --data-urlencode "do=$2" "${@:3}"
}
agree() { say "$1" agree --data-urlencode "signature=$2"; }
vote() { say "$1" vote -d kind=version -d id=quiet-start -d object_revision=1 -d "value=$2" -d "revision=$3"; }
comment() { say "$1" comment -d "kind=$2" -d "id=$3" -d object_revision=1 -d "once=$4" --data-urlencode "text=$5"; }

# 1 to 3: valid, of a customer, a partner and the advisory board
customer=$(link halden 'Carla Customer' "${shown[@]}")
partner=$(link halden 'Pat Partner' --side partner "${shown[@]}")
board=$(link halden 'Bo Board' --side advisory_board "${shown[@]}" --rights comment)
check "a link opens without an account" is "$(look "$customer")" 200
check "... and asks for the agreement first" contains "$work/body" 'Keep it to yourself.'
check "... before it shows anything" lacks "$work/body" 'Quiet start'
check "... no cookie is set" lacks "$work/head" Set-Cookie
check "... nothing is stored on the way" contains "$work/head" 'Cache-Control: no-store'
check "... no address is told to others" contains "$work/head" 'Referrer-Policy: same-origin'
# 4: agreement missing
unsigned=$(link halden 'Uma Unsigned' "${shown[@]}")
check "without agreement no vote counts" is "$(vote "$unsigned" 1 0)" 403
check "... no comment either" is "$(comment "$unsigned" topic battery u1 hello)" 403
check "an agreement needs a name" is "$(agree "$unsigned" ' ')" 422
check "it is signed" is "$(agree "$customer" 'C. Customer')" 303
check "... by the partner" is "$(agree "$partner" 'P. Partner')" 303
check "... by the board" is "$(agree "$board" 'B. Board')" 303
look "$customer" >/dev/null
check "what is granted is shown" contains "$work/body" 'Quiet start'
check "what is not granted is not" lacks "$work/body" 'Choosing and buying'
check "the workspace's pages stay closed" is "$(look /w/halden/topics)" 303
# 5: a vote, changed; the old form again
check "a customer votes" is "$(vote "$customer" -1 0)" 303
check "... and changes it" is "$(vote "$customer" 1 1)" 303
check "the old form does not undo it" is "$(vote "$customer" -1 1)" 409
check "... nor the first one" is "$(vote "$customer" -1 0)" 409
check "a vote of two is none" is "$(vote "$partner" 2 0)" 422
check "a partner votes" is "$(vote "$partner" 1 0)" 303
check "who may only comment does not vote" is "$(vote "$board" 1 0)" 403
# 6: altered objects
check "an object of nobody's" is "$(comment "$customer" topic choose a1 hello)" 403
check "an object of another kind" is "$(comment "$customer" goal battery a2 hello)" 403
check "an altered revision" is "$(say "$customer" vote -d kind=version -d id=quiet-start -d object_revision=7 -d value=1 -d revision=2)" 409
check "a comment" is "$(comment "$customer" topic battery c1 '<b>Loud</b> and "late"')" 303
look "$customer" >/dev/null
check "... not as markup" contains "$work/body" '&lt;b&gt;Loud&lt;/b&gt;'
check "a form sent twice" is "$(comment "$customer" topic battery c1 'again')" 303
look "$customer" >/dev/null
check "... counts once" lacks "$work/body" '>again<'
check "an empty comment comes back" is "$(comment "$customer" topic battery c2 '')" 422
check "a proposal" is "$(say "$customer" propose -d what=need -d once=p1 --data-urlencode 'text=A spare part within a day')" 303
check "... of nothing known" is "$(say "$customer" propose -d what=king -d once=p2 -d text=x)" 422
# 7 and 8: expired, revoked
expired=$(link halden 'Eve Expired' "${shown[@]}" --now 2020-01-01 --days 1)
check "an expired link says so" is "$(look "$expired")" 403
check "... in words" contains "$work/body" 'expired'
check "... and takes nothing" is "$(vote "$expired" 1 0)" 403
check "... nor names the company" lacks "$work/body" Halden
revoked=$(link halden 'Rik Revoked' "${shown[@]}")
agree "$revoked" Rik >/dev/null
number=$("$TRIMTAB" contributor list --workspace halden --data "$work/data" | sed -n 's/^\([0-9]*\)\tRik Revoked.*/\1/p')
check "a link is revoked" "$TRIMTAB" contributor revoke "$number" --workspace halden --data "$work/data" --reason 'test'
check "... and opens no more" is "$(look "$revoked")" 403
check "... says so" contains "$work/body" 'withdrawn'
check "... takes nothing" is "$(vote "$revoked" 1 0)" 403
# 9: of another workspace: opens that one and nothing of ours
other=$(link other 'Olaf Other' --rights propose)
agree "$other" Olaf >/dev/null
check "another workspace's link opens its own" is "$(look "$other")" 200
check "... shows nothing of ours" lacks "$work/body" 'Quiet start'
check "... votes on nothing of ours" is "$(vote "$other" 1 0)" 403
# 10 to 14: forged: one letter changed at the front, in the middle, at the end; cut; another installation's key
forge() { # link, position
    local c=${1:$2:1} n=A
    [ "$c" = A ] && n=B
    echo "${1:0:$2}$n${1:$(($2 + 1))}"
}
length=${#customer}
for at in 3 12 40 $((length / 2)) $((length - 2)); do
    check "altered at $at" is "$(look "$(forge "$customer" "$at")")" 403
done
check "... answered alike" contains "$work/body" 'The link is not valid.'
check "cut short" is "$(look "${customer:0:60}")" 403
check "longer" is "$(look "${customer}AA")" 403
"$TRIMTAB" workspace create halden Halden --data "$work/foreign" >/dev/null 2>&1
"$TRIMTAB" strategy import --workspace halden --data "$work/foreign" samples/halden/strategy.json >/dev/null
foreign=$("$TRIMTAB" contributor add Foreign --workspace halden --data "$work/foreign" --agreement "$work/agreement.txt" --objects topic:battery)
check "signed with another installation's key" is "$(look "$foreign")" 403
check "the log tells that no statement was run for it" grep -q 'path=/c/... status=403 ms=[0-9.]* statements=0' "$work/data.log"
check "the log holds no link" lacks "$work/data.log" "${customer#/c/}"
# 15: another site's form, and one without the token of the page
check "a form of another site" is "$(look "$customer" -H 'Origin: https://evil.example' -d do=vote)" 403
check "a form without the page's token" is "$(look "$customer" -d do=vote -d kind=version -d id=quiet-start -d object_revision=1 -d value=0 -d revision=2)" 403
check "... with that of another link" is "$(look "$partner" >/dev/null; form=$(field form); look "$customer" --data-urlencode "form=$form" -d do=vote -d kind=version -d id=quiet-start -d object_revision=1 -d value=0 -d revision=2)" 403
# the team's side
check "the list is for people of the workspace" is "$(get /w/halden/contributions?show=all)" 200
check "it names who said it" contains "$work/body" 'Carla Customer'
check "approval of both sides is a fact" contains "$work/body" 'badge-green">yes'
answer=$(grep -o '/w/halden/contributions/[0-9]*' "$work/body" | head -1)
check "an answer needs a reason" is "$(post "$answer" -d disposition=accepted -d revision=1 -d effect=x)" 422
check "... and what it changed" is "$(post "$answer" -d disposition=accepted -d revision=1 -d reason=x)" 422
check "... and an entry that exists" is "$(post "$answer" -d disposition=declined -d revision=1 -d reason=x -d entry=99999)" 422
topic=$(grep -o '/w/halden/contributions/[0-9]*"[^>]*>Comment' <(get '/w/halden/contributions?show=all' >/dev/null; cat "$work/body") | head -1 | cut -d'"' -f1)
check "a comment is answered" is "$(post "$topic" -d disposition=changed -d revision=1 --data-urlencode 'reason=The shop had asked for it too' --data-urlencode 'effect=Topic battery moved up')" 303
look "$customer" >/dev/null
check "who said it reads the answer" contains "$work/body" 'The shop had asked for it too'
look "$partner" >/dev/null
check "... and nobody else does" lacks "$work/body" 'The shop had asked for it too'
check "a link is made on the page" is "$(post /w/halden/contributions -d 'name=Paula Page' -d side=influencer -d days=7 -d right=comment -d object=topic:battery --data-urlencode 'agreement=Be quiet.')" 200
made=$(grep -o '/c/[A-Za-z0-9_-]*' "$work/body" | head -1)
check "... and opens" is "$(look "$made")" 200
check "a link without a name is refused" is "$(post /w/halden/contributions -d 'name=' -d side=customer -d days=7 -d right=comment -d object=topic:battery -d agreement=x)" 422
check "... to what is not there too" is "$(post /w/halden/contributions -d name=x -d side=customer -d days=7 -d right=comment -d object=topic:none -d agreement=x)" 422
check "a viewer reads" is "$(login vera; get /w/halden/contributions)" 200
check "... no contact and no form" lacks "$work/body" 'id="invite"'
# 16 to 20: the person is erased
number=$("$TRIMTAB" contributor list --workspace halden --data "$work/data" | sed -n 's/^\([0-9]*\)\tCarla Customer.*/\1/p')
check "a person is erased" "$TRIMTAB" contributor erase "$number" --workspace halden --data "$work/data"
check "... the link is dead" is "$(look "$customer")" 403
login ida
get '/w/halden/contributions?show=all' >/dev/null
check "... the name is gone" lacks "$work/body" 'Carla'
check "... the texts are gone" lacks "$work/body" 'Loud'
check "... the vote stays a fact" contains "$work/body" 'badge-green">yes'
check "... the ledger holds neither" is "$("$TRIMTAB" ledger list --workspace halden --data "$work/data" --json 2>/dev/null | grep -c 'Carla\|Loud')" 0
check "the ledger is sound" "$TRIMTAB" ledger verify --workspace halden --data "$work/data"
# who guesses has to wait; a valid link of the same address waits too, as a log-in would
for i in $(seq 31); do look "/c/guess$i" >/dev/null; done
check "guessing slows down" is "$(look /c/guess99)" 429
