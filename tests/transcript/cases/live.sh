# live.sh - the stream of events: who may hear it, that another workspace is not heard, that it ends with the session.
stream() { # seconds, path, curl arguments: what came into $work/stream
    timeout "$1" curl -sN -b "$jar" -o "$work/stream" -D "$work/head" "${@:3}" "$BASE$2"
}
bring() { # workspace: an import by another process
    echo '{"id":"live","source":"live","text":"nothing that anybody asked for"}' |
        "$TRIMTAB" post import --workspace "$1" --data "$work/data" -q - >/dev/null 2>&1
}
login ida
stream 3 /w/halden/live
check 'live is a stream' contains "$work/head" 'Content-Type: text/event-stream'
check 'live is not kept by caches' contains "$work/head" 'Cache-Control: no-store'
check 'live says when to come back' contains "$work/stream" 'retry: 4000'
check 'live begins with a resync' contains "$work/stream" 'event: resync'
(sleep 2; bring halden) &
stream 5 /w/halden/live
check 'live tells of a change by another process' contains "$work/stream" 'event: imports'
seen=$(sed -n 's/^id: //p' "$work/stream" | tail -1)
(sleep 2; bring other) &
stream 5 /w/halden/live
check 'live tells nothing of another workspace' lacks "$work/stream" 'event: imports'
check 'live of another workspace is not there' is "$(get /w/other/live)" 404
stream 2 /w/halden/live -H "Last-Event-ID: ${seen%-*}-$((${seen##*-} - 1))"
check 'who comes back gets what was missed' contains "$work/stream" "id: $seen"
stream 2 /w/halden/live -H "Last-Event-ID: ${seen%-*}-$(curl -s -b "$jar" "$BASE/w/halden/market" | sed -n 's/.*name="live" content="[^"]*-\([0-9]*\)".*/\1/p')"
check 'and no resync when all is known' lacks "$work/stream" 'event: resync'
stream 2 /w/halden/live -H 'Last-Event-ID: 1-1'
check 'or a resync when it is not known' contains "$work/stream" 'event: resync'
check 'live is for GET' is "$(post /w/halden/live)" 405
(sleep 2; post /logout >/dev/null) &
stream 8 /w/halden/live
check 'live ends with the session' contains "$work/stream" 'event: over'
check 'live needs a log-in' is "$(curl -s -o /dev/null -w '%{http_code}' -b "$jar" -H 'Accept: text/event-stream' "$BASE/w/halden/live")" 303
wait $! 2>/dev/null
