# The form token is the same for a session but never looks the same on two pages.
login ida
one=$(csrf) two=$(csrf)
check "two pages carry different texts" [ "$one" != "$two" ]
check "both are accepted" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d "csrf=$one&theme=dark&next=/" "$BASE/preferences")" 303
check "... at any time" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d "csrf=$two&theme=light&next=/" "$BASE/preferences")" 303
case $one in A*) first=B ;; *) first=A ;; esac
check "an altered one is not" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d "csrf=$first${one#?}&theme=dark" "$BASE/preferences")" 403
check "nor an empty one" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d "theme=dark" "$BASE/preferences")" 403
login board
check "nor that of another session" is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -d "csrf=$one&theme=dark" "$BASE/preferences")" 403
