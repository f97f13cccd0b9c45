# Data of a workspace: backups, check, erasure, matching again; rights, progress, results, the ledger.
api=/api/v1/workspaces/halden
send() { curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' "$@"; }
settled() { # what is asked for over the API, once it runs no more
    for _ in $(seq 200); do
        get "$api/$1" >/dev/null
        jq -e "${2:-.state} | startswith(\"running\") | not" "$work/body" >/dev/null && break
        sleep 0.1
    done
    jq -r "${2:-.state}" "$work/body"
}
echo "$PASSWORD" | "$TRIMTAB" account create root7 --name 'Rut Admin' --workspace halden --role admin --password-stdin --data "$work/data" >/dev/null
login ida
token=$(csrf)
for path in data data/erase?author=user4523; do check "a strategist has no page $path" is "$(get /w/halden/$path)" 403; done
check "... nor backups" is "$(get $api/backups)" 403
check "... nor a check" is "$(send -X POST "$BASE$api/check")" 403
check "... nor may they erase" is "$(send -d '{"author":"user4523","reason":"r"}' "$BASE$api/erasure")" 403
check "... but match again" is "$(send -d '{"reason":"new words"}' "$BASE$api/rematch")" 202
check "... to its end" is "$(settled rematch)" done
check "... every stored post" [ "$(jq .result.posts "$work/body")" -gt 1000 ]
check "... and nothing changed" is "$(jq .result.changed "$work/body")" 0
check "the ledger has it with its reason" is "$(get "$api/ledger?action=posts.rematch" >/dev/null; jq -r '.items[0].reason' "$work/body")" 'new words'
check "the list of queries tells what came of it" is "$(get /w/halden/queries; contains "$work/body" 'Stored posts were matched again')" 200
login root7
token=$(csrf)
check "a key may neither" is "$(key=$("$TRIMTAB" account token create root7 --name ops --scopes read,import,write --workspace halden --data "$work/data" 2>/dev/null); curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $key" "$BASE$api/backups")" 403
check "the page of data" is "$(get /w/halden/data)" 200
check "... without a backup yet" contains "$work/body" 'No backup was made here yet'
check "a change without its token is refused" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d reason=x "$BASE/w/halden/data/backups")" 403
check "make a backup" is "$(post /w/halden/data/backups -d 'reason=before the update')" 303
check "... to its end" is "$(settled backups .latest.state)" done
backup=$(jq -r '.items[0].name' "$work/body")
check "... listed" [ "$(jq '.items | length' "$work/body")" -eq 1 ]
check "... on the page" is "$(get /w/halden/data; contains "$work/body" "data/backups/$backup")" 200
check "download it" is "$(get "/w/halden/data/backups/$backup")" 200
mkdir "$work/untarred"
check "... an archive" tar -xf "$work/body" -C "$work/untarred"
check "... that is whole" "$TRIMTAB" workspace check "$work/untarred/halden-$backup" >/dev/null
check "... and restored" "$TRIMTAB" workspace restore "$work/untarred/halden-$backup" halden2 --reason 'a test' --data "$work/data" >/dev/null
check "... with its reason in the ledger" [ "$("$TRIMTAB" ledger list --workspace halden2 --data "$work/data" 2>/dev/null | grep -c 'workspace.restore')" -eq 1 ]
check "the API sends the same" is "$(get "$api/backups/$backup")" 200
check "a backup that is none" is "$(get "/w/halden/data/backups/20260101T000000Z")" 404
check "... nor one outside" is "$(get "/w/halden/data/backups/..%2F..%2Fsystem")" 404
check "check the backup" is "$(send -d "{\"backup\":\"$backup\"}" "$BASE$api/check")" 202
check "... whole" is "$(settled check)" done
printf x >>"$work/data/backups/halden/$backup/state.db"
check "check one that was altered" is "$(send -d "{\"backup\":\"$backup\"}" "$BASE$api/check")" 202
check "... is found" is "$(settled check '.state + " " + (.result.findings | length | tostring)')" 'done 1'
check "... without its place on the machine" lacks "$work/body" "$work"
check "... and said on the page" is "$(get /w/halden/data; contains "$work/body" 'is not what was backed up')" 200
check "check the workspace" is "$(send -X POST "$BASE$api/check")" 202
check "... sound" is "$(settled check '.state + " " + (.result.findings | length | tostring)')" 'done 0'
check "remove the backup" is "$(post "/w/halden/data/backups/$backup" -d do=remove)" 303
check "... is gone" [ ! -e "$work/data/backups/halden/$backup" ]
get "$api/ledger?kind=workspace" >/dev/null
check "the ledger has made, taken, removed" is "$(jq -r '[.items[].action] | unique | join(" ")' "$work/body")" 'workspace.backup workspace.backup_download workspace.backup_remove workspace.create'
# Erasure: an author of the archive, who is also named by a query.
who=$("$TRIMTAB" post search --workspace halden --data "$work/data" battery --limit 1 2>/dev/null | jq -r .author.handle)
send -d "{\"name\":\"watched\",\"text\":\"battery AND author:$who\"}" "$BASE$api/queries" >/dev/null
check "look first" is "$(send -d "{\"author\":\"$who\"}" "$BASE$api/erasure/preview")" 200
check "... who that is" is "$(jq -r '.handles[0]' "$work/body")" "$who"
check "... and where they are named" is "$(jq -r '.named_in[0].name' "$work/body")" watched
check "an author that nobody is" is "$(send -d '{"author":"nobody-at-all"}' "$BASE$api/erasure/preview")" 404
check "the page before it" is "$(get "/w/halden/data/erase?author=%40$who")" 200
check "... names the query" contains "$work/body" 'queries/watched'
check "an unknown author stays in the form" is "$(get '/w/halden/data/erase?author=nobody-at-all'; contains "$work/body" 'value="nobody-at-all"')" 404
check "no erasure without a reason" is "$(post /w/halden/data/erase -d "author=$who" -d "repeated=$who")" 422
check "... nor with another name repeated" is "$(post /w/halden/data/erase -d "author=$who" -d repeated=other -d 'reason=request 17')" 422
check "... what was typed stays" contains "$work/body" 'value="request 17"'
check "... nor over the API" is "$(send -d "{\"author\":\"$who\",\"reason\":\"\"}" "$BASE$api/erasure")" 422
check "erase" is "$(post /w/halden/data/erase -d "author=$who" -d "repeated=$who" -d 'reason=request 17')" 303
check "... to its end" is "$(settled erasure)" done
check "... posts went" [ "$(jq .result.posts "$work/body")" -gt 0 ]
check "... the query is still named" is "$(jq -r '.result.named_in[0].name' "$work/body")" watched
check "... the person is not" lacks "$work/body" "\"$who\""
check "... nothing of them is found" is "$(send -d "{\"author\":\"$who\"}" "$BASE$api/erasure/preview" >/dev/null; jq .posts "$work/body")" 0
check "the page tells what went" is "$(get /w/halden/data; contains "$work/body" 'The author was erased')" 200
get "$api/ledger?action=author.erase" >/dev/null
check "the ledger has the reason, not the person" is "$(jq -r '.items[0].reason' "$work/body")$(grep -c "$who" "$work/body")" 'request 170'
send -X DELETE "$BASE$api/queries/watched" >/dev/null
