# Every route that changes something, read from the table itself: a viewer, a stranger, nobody, no CSRF token.
send() { # method, path, curl arguments: the status
    local type='application/x-www-form-urlencoded'
    case $2 in /api/*) type=application/json ;; esac
    curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -X "$1" -H "Content-Type: $type" -d '' "${@:3}" "$BASE$2"
}
joined=$(tr '\n' ' ' <src/web/routes.c | sed 's/,  *MAY_/, MAY_/g; s/{HTTP_/\n    {HTTP_/g')
all=$(printf '%s\n' "$joined" | sed -n 's/^ *{HTTP_\(POST\|PUT\|DELETE\), "\([^"]*{workspace}[^"]*\)", [a-z_]*, \([A-Z_]*\)}.*/\1 \2 \3/p' |
    sed -e 's/{workspace}/halden/; s/{kind}/topic/; s/{topic}/battery/; s/{id}/battery/; s/{[a-z]*}/1/g')
check "rows of the table are found" [ "$(printf '%s\n' "$all" | wc -l)" -ge 15 ]
check "... all that change a workspace" is "$(printf '%s\n' "$all" | wc -l)" \
    "$(grep -cE '^ *\{HTTP_(POST|PUT|DELETE), "[^"]*\{workspace\}' src/web/routes.c)"
login vera
token=$(csrf)
while read -r method path permission; do
    status=$(send "$method" "$path" -H "X-CSRF-Token: $token")
    case $permission in
    MAY_VIEW) # one asks for one of several rights in its handler
        case $path in
        */alerts/1/acknowledge) check "viewer is refused $method $path" is "$status" 403 ;;
        *) check "viewer reaches $method $path" [ "$status" != 403 -o "$path" = /w/halden/queries/1 ] ;;
        esac ;;
    *) check "viewer is refused $method $path" is "$status" 403 ;;
    esac
done <<<"$all"
check "viewer saves no query" is "$(send POST /w/halden/queries/new -H "X-CSRF-Token: $token" -d 'name=x&text=y&do=save')" 403
login olga
token=$(curl -s -b "$jar" "$BASE/w/other/bridge" | sed -n 's/.*<meta name="csrf" content="\([^"]*\)".*/\1/p')
check "stranger has a token of her own" [ -n "$token" ]
while read -r method path permission; do
    check "stranger finds nothing at $method $path" is "$(send "$method" "$path" -H "X-CSRF-Token: $token")" 404
done <<<"$all"
for page in bridge market search topics/battery evidence/1 spikes/1 edit/topic/battery decision/paper decision/replay ledger; do
    check "stranger does not read $page" is "$(get "/w/halden/$page")" 404
done
for page in topics/battery evidence/1 spikes/1 queries/own edit/topic/battery steering/battery; do
    check "her own workspace does not answer for $page" is "$(get "/w/other/$page")" 404
done
login ida
while read -r method path permission; do
    check "no CSRF token, no $method $path" is "$(send "$method" "$path")" 403
    check "wrong CSRF token, no $method $path" is "$(send "$method" "$path" -H "X-CSRF-Token: $token")" 403
done <<<"$all"
jar=$work/none.jar
while read -r method path permission; do
    check "nobody may $method $path" is "$(send "$method" "$path")" 401
done <<<"$all"
# A token of one workspace, given to somebody who has a role in two.
"$TRIMTAB" account role ida --workspace other --role viewer --data "$work/data" >/dev/null 2>&1
key=$("$TRIMTAB" account token create ida --name narrow --scopes read --workspace halden --data "$work/data" 2>/dev/null)
check "ida herself has both workspaces" is "$(login ida; get /api/v1/workspaces >/dev/null; grep -o '"slug"' "$work/body" | wc -l)" 2
jar=$work/none.jar
bearer() { get "$1" -H "Authorization: Bearer $key" "${@:2}"; }
check "token reads its workspace" is "$(bearer /api/v1/workspaces/halden/queries)" 200
check "... not another one" is "$(bearer /api/v1/workspaces/other/queries)" 403
check "... does not list another one" is "$(bearer /api/v1/workspaces >/dev/null; grep -o '"slug"' "$work/body" | wc -l)" 1
check "... and changes nothing" is "$(bearer /api/v1/workspaces/halden/queries -X POST -H 'Content-Type: application/json' -d '{}')" 403
