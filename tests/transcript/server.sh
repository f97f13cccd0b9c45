# server.sh - sourced by tests that need a running server: sample data, a server on a free port, small checks.
# Sets TRIMTAB, DATA, BASE; functions start_server, stop_server, login, get, post, check, contains.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TRIMTAB=${TRIMTAB:-$root/build/trimtab}
PASSWORD='a long enough passphrase'
p=0 f=0 server_pid=

check() { # name, condition...
    local name=$1
    shift
    if "$@"; then p=$((p + 1)); else f=$((f + 1)); echo "FAIL transcript $name"; fi
}
contains() { grep -qF -- "$2" "$1"; }
lacks() { ! grep -qF -- "$2" "$1"; }
is() { [ "$1" = "$2" ] || { echo "  got '$1', expected '$2'"; return 1; }; }

# A workspace with the sample's strategy, its queries and part of its posts; a second one, empty, with its own person.
make_data() { # directory
    local posts=$1-posts
    rm -rf "$1" "$posts"
    "$TRIMTAB" workspace create halden Halden --data "$1" >/dev/null 2>&1 || return 1
    "$TRIMTAB" workspace create other Other --data "$1" >/dev/null 2>&1 || return 1
    for account in 'ida halden strategist' 'board halden management' 'vera halden viewer' 'olga other strategist'; do
        set -- "$1" $account
        echo "$PASSWORD" | "$TRIMTAB" account create "$2" --name "${2^} Test" --workspace "$3" --role "$4" \
            --password-stdin --data "$1" >/dev/null || return 1
    done
    "$TRIMTAB" strategy import --workspace halden --data "$1" "$root/samples/halden/strategy.json" >/dev/null || return 1
    "$TRIMTAB" sample generate "$posts" >/dev/null 2>&1 || return 1
    head -n 12000 "$posts/posts.jsonl" >"$posts/part.jsonl"
    "$TRIMTAB" post import --workspace halden --data "$1" --queries "$root/samples/halden/queries.tsv" -q \
        "$posts/part.jsonl" >/dev/null || return 1
    rm -rf "$posts"
}

start_server() { # directory
    "$TRIMTAB" serve --listen 127.0.0.1:0 --data "$1" >"$1.log" 2>&1 &
    server_pid=$!
    for _ in $(seq 100); do
        BASE=$(sed -n 's/.*\(http:[^ ]*\).*/\1/p' "$1.log" | head -1)
        [ -n "$BASE" ] && curl -s -o /dev/null "$BASE/healthz" && return 0
        sleep 0.05
    done
    cat "$1.log"
    return 1
}
stop_server() { [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null; wait "$server_pid" 2>/dev/null; }

login() { # account: cookies in $jar
    jar=$work/$1.jar
    curl -s -o /dev/null -c "$jar" --data-urlencode "login=$1" --data-urlencode "password=$PASSWORD" "$BASE/login"
}
get() { curl -s -b "$jar" -o "$work/body" -D "$work/head" -w '%{http_code}' "$BASE$1" "${@:2}"; }
csrf() { curl -s -b "$jar" "$BASE/w/halden/bridge" | sed -n 's/.*<meta name="csrf" content="\([^"]*\)".*/\1/p'; }
post() { # path, curl arguments: answers the status
    curl -s -b "$jar" -o "$work/body" -D "$work/head" -w '%{http_code}' --data-urlencode "csrf=$(csrf)" "${@:2}" "$BASE$1"
}
