# A query that changes: charts mark where its definition did, in the drawing and in words, until history is restated.
login olga
bring() { "$TRIMTAB" post import -q --workspace other --data "$work/data" --queries "$work/breaks.tsv" "$1" >/dev/null 2>&1; }
says() { # from day, to day: three posts a day
    for d in $(seq "$1" "$2"); do
        for i in 1 2 3; do echo "{\"id\":\"brk-$d-$i\",\"source\":\"forum\",\"created_at\":$((1767225600 + d * 86400 + i * 600)),\"text\":\"a breakword $d\"}"; done
    done
}
printf 'broken\tbreakword\n' >"$work/breaks.tsv"
says 0 20 >"$work/breaks.jsonl"
check "posts under the first wording" bring "$work/breaks.jsonl"
check "a chart without a break" is "$(get '/w/other/market?query=broken')" 200
check "... marks none" lacks "$work/body" 'class="chart-breaks"'
check "... and draws none" contains "$work/body" '"breaks":[]'
printf 'broken\tbreakword OR crackword\n' >"$work/breaks.tsv"
says 21 26 >"$work/breaks.jsonl"
check "posts under the second" bring "$work/breaks.jsonl"
get '/w/other/market?query=broken' >/dev/null
check "the break is drawn where it began" contains "$work/body" '"breaks":[{"at":1769040000000,"short":"v2"'
check "... the legend has it" contains "$work/body" 'dot-break'
check "... and words say it" contains "$work/body" 'Version 2 of the definition from'
check "... with the reason" contains "$work/body" 'the query or its measure changed'
check "history is restated" "$TRIMTAB" post rematch --workspace other --data "$work/data" >/dev/null
get '/w/other/market?query=broken' >/dev/null
check "the break is gone" contains "$work/body" '"breaks":[]'
check "... and words say that it was" contains "$work/body" 'All of it follows version 2 of the definition'
