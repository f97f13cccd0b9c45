# A fault of ours: people get its number, the log gets the rest.
"$TRIMTAB" workspace create broken Broken --data "$work/data" >/dev/null 2>&1
"$TRIMTAB" account create frida --name Frida --workspace broken --role strategist --password-stdin --data "$work/data" \
    <<<"$PASSWORD" >/dev/null
rm -f "$work/data/workspaces/broken/state.db-wal" "$work/data/workspaces/broken/state.db-shm"
head -c 65536 /dev/zero | tr '\0' x >"$work/data/workspaces/broken/state.db"
login frida
check "a damaged database" is "$(get /w/broken/topics)" 500
check "... is no business of the reader" lacks "$work/body" state.db
check "... nor is its place" lacks "$work/body" "$work"
number=$(sed -n 's/.*Request \([0-9][0-9]*\).*/\1/p' "$work/body" | head -1)
check "the page shows the number" [ -n "$number" ]
grep -F web.failed "$work/data.log" | grep -F " request=$number " >"$work/line"
check "the log has it once" is "$(wc -l <"$work/line")" 1
check "... with the file" contains "$work/line" broken/state.db
check "the API" is "$(get /api/v1/workspaces/broken/strategy)" 500
check "... tells no place either" lacks "$work/body" "$work"
number=$(jq .request "$work/body")
check "... but the number of the log" grep -q "web.failed request=$number code=corrupt" "$work/data.log"
check "... and what to do" is "$(jq -r .hint "$work/body")" "The file is damaged or is no database; restore it from a backup."
# A database that fails is not taken for somebody who is not logged in.
login ida
check "before it fails" is "$(get /w/halden/topics)" 200
sqlite3 "$work/data/system.db" 'ALTER TABLE session RENAME TO hidden' >/dev/null
check "no answer about who asks" is "$(get /w/halden/topics)" 500
check "... instead of the log-in page" lacks "$work/head" Location
check "... in the log" grep -q 'web.failed .*code=db.*session' "$work/data.log"
check "... for the API too" is "$(get /api/v1/workspaces/halden/queries)" 500
sqlite3 "$work/data/system.db" 'ALTER TABLE hidden RENAME TO session' >/dev/null
check "it recovers" is "$(get /w/halden/topics)" 200
