# Log-in, roles, CSRF, headers, limits.
jar=$work/none.jar
check "page without log-in leads to the form" is "$(get /w/halden/market)" 303
check "... and back again" contains "$work/head" 'Location: /login?next=%2Fw%2Fhalden%2Fmarket'
check "wrong password is refused" is "$(curl -s -o "$work/body" -w '%{http_code}' -d 'login=ida&password=wrong' "$BASE/login")" 401
check "... keeps the name" contains "$work/body" 'value="ida"'
check "... and says so accessibly" contains "$work/body" 'role="alert"'
check "log-in from another site is refused" is "$(curl -s -o /dev/null -w '%{http_code}' -H 'Origin: http://evil.example' -d 'login=ida' "$BASE/login")" 403
login vera
check "viewer reads" is "$(get /w/halden/topics)" 200
check "viewer does not read the ledger" is "$(get /w/halden/ledger)" 403
check "viewer does not change" is "$(post /w/halden/topics/battery/rating -d affinity=3)" 403
check "a workspace that is not there" is "$(get /w/nothing/topics)" 404
login ida
check "change without token is refused" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d affinity=3 "$BASE/w/halden/topics/battery/rating")" 403
key=$(awk '$6 == "trimtab_session" { print $7 }' "$jar")
cookies() { curl -s -o /dev/null -w '%{http_code}' "$@" "$BASE/w/halden/topics"; }
check "an empty Cookie header is none" is "$(cookies -H 'Cookie;')" 303
check "... and hides no later one" is "$(cookies -H 'Cookie;' -H "Cookie: trimtab_session=$key")" 200
check "nor does an empty value" is "$(cookies -H "Cookie: trimtab_session=; trimtab_session=$key")" 200
check "strategist reads the ledger" is "$(get /w/halden/ledger)" 200
check "unknown page" is "$(get /w/halden/nothing)" 404
check "wrong method" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -X DELETE "$BASE/w/halden/topics")" 405
check "... names the right ones" is "$(curl -s -D - -b "$jar" -o /dev/null -X DELETE "$BASE/w/halden/topics" | tr -d '\r' | sed -n 's/^Allow: //p')" 'GET, HEAD'
check "... of all rows of the address" is "$(curl -s -D - -b "$jar" -o "$work/body" -X OPTIONS "$BASE/api/v1/workspaces/halden/objects/topic/battery" | tr -d '\r' | sed -n 's/^Allow: //p')" 'GET, HEAD, PUT, DELETE'
check "... and says them" is "$(jq -r .hint "$work/body")" 'It takes GET, HEAD, PUT, DELETE.'
check "HEAD has no body" is "$(curl -s -I -b "$jar" "$BASE/w/halden/topics" | head -1 | tr -d '\r')" "HTTP/1.1 200 OK"
get /w/halden/topics >/dev/null
for header in "Content-Security-Policy: default-src 'self'" 'X-Content-Type-Options: nosniff' 'X-Frame-Options: DENY' 'Referrer-Policy: same-origin' 'Cache-Control: no-store'; do
    check "header $header" contains "$work/head" "$header"
done
check "page is compressed where accepted" is "$(curl -s -b "$jar" -H 'Accept-Encoding: gzip' -o /dev/null -D - "$BASE/w/halden/topics" | grep -ci 'content-encoding: gzip')" 1
check "log-in cookie is HttpOnly and SameSite" is "$(curl -s -o /dev/null -D - -d "login=vera" --data-urlencode "password=$PASSWORD" "$BASE/login" | grep -ci 'set-cookie: trimtab_session=.*HttpOnly; SameSite=Lax')" 1
head -c 9000000 /dev/zero | tr '\0' a >"$work/large"
check "a body over the limit" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' --data-binary "@$work/large" "$BASE/login")" 413
check "redirect only to this site" is "$(curl -s -o /dev/null -D - -d "login=vera&next=//evil.example" --data-urlencode "password=$PASSWORD" "$BASE/login" | tr -d '\r' | sed -n 's/^Location: //p')" "/"
asset=$(grep -o '/assets/app-[0-9a-f]*\.css' "$work/body" | head -1)
get "$asset" -H 'Accept-Encoding: br' >/dev/null
check "asset is immutable" contains "$work/head" 'immutable'
check "asset comes in brotli" contains "$work/head" 'Content-Encoding: br'
etag=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ee][Tt]ag: //p')
check "asset is not sent twice" is "$(get "$asset" -H "If-None-Match: $etag")" 304
for i in $(seq 12); do last=$(curl -s -o /dev/null -w '%{http_code}' -d 'login=nobody&password=guess' "$BASE/login"); done
check "guessing is slowed down" is "$last" 429
for i in $(seq 16); do curl -s -o /dev/null -w '%{http_code}\n' -d 'login=rush&password=guess' "$BASE/login" >"$work/guess.$i" & guesses[i]=$!; done
wait "${guesses[@]}"
check "... also when all come at once" is "$(cat "$work"/guess.* | grep -c 401)" 10
