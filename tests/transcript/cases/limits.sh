# One request cannot end the server, whatever it asks for.
login vera
token=$(csrf)
ask() { # path, content type, file: the status
    curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -H "X-CSRF-Token: $token" -H "Content-Type: $2" --data-binary "@$3" "$BASE$1"
}
{ printf '{"text":"a","x":['; yes '[],' | head -n 2700000 | tr -d '\n'; printf '[]]}'; } >"$work/many"
{ printf '{"text":"'; yes 'a ' | head -n 500000 | tr -d '\n'; printf '"}'; } >"$work/words"
{ printf 'text='; yes 'a+OR+' | head -n 200000 | tr -d '\n'; printf 'b'; } >"$work/form"
check "JSON of very many values" is "$(ask /api/v1/workspaces/halden/queries/check application/json "$work/many")" 413
check "... is named a limit" contains "$work/body" '"code":"limit"'
check "query of very many words" is "$(ask /api/v1/workspaces/halden/queries/check application/json "$work/words")" 413
check "the same as a form" is "$(ask /w/halden/queries/check application/x-www-form-urlencoded "$work/form")" 413
login ida
token=$(csrf)
put() { # file: the status of writing an object
    curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -X PUT -H "X-CSRF-Token: $token" -H 'Content-Type: application/json' \
        --data-binary "@$1" "$BASE/api/v1/workspaces/halden/objects/goal/large"
}
{ printf '{"revision":0,"object":{"id":"large","text":['; yes '1e18,' | head -n 450000 | tr -d '\n'; printf '1]}}'; } >"$work/grows"
check "an object larger when written out" is "$(put "$work/grows")" 413
check "... is named a limit" contains "$work/body" '"code":"limit"'
{ printf '{"revision":0,"object":{"id":"large","text":"'; head -c 8000000 /dev/zero | tr '\0' a; printf '"}}'; } >"$work/long"
status=$(put "$work/long")
check "a text as long as a body" [ "$status" = 413 -o "$status" = 422 ]
{ printf 'csrf=%s&measure=m&unit=EUR&text=' "$(csrf)"; head -c 8000000 /dev/zero | tr '\0' a; } >"$work/form"
status=$(ask /w/halden/edit/goal/new application/x-www-form-urlencoded "$work/form")
check "the same in a form" [ "$status" = 413 -o "$status" = 422 ]
login vera
check "the server goes on" is "$(get /w/halden/topics)" 200
jar=$work/none.jar
check "an address of 20 KiB" is "$(get "/w/halden/search?q=$(head -c 20000 /dev/zero | tr '\0' a)")" 414
login vera
token=$(csrf)
long="battery$(printf ' OR part%s' $(seq 400))"
{ printf 'name=&text='; printf %s "$long" | sed 's/ /+/g'; } >"$work/form"
check "a long query is checked" is "$(ask /w/halden/queries/check application/x-www-form-urlencoded "$work/form")" 200
check "... and its link is whole" contains "$work/body" '%20OR%20part399%20OR%20part400"'
