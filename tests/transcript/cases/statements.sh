# SQL statements per page, of all databases: what a page may cost, not what it takes. A loop that asks once for
# each of many rows shows here at once; a page that needs a few more statements raises its number with a reason.
statements_of() { # path as logged, lines of the log to pass over
    for _ in $(seq 40); do
        local line
        line=$(tail -n "+$(($2 + 1))" "$work/data.log" | grep "web.request" | grep -F " path=$1 " | tail -1)
        [ -n "$line" ] && { echo "$line" | grep -o 'statements=[0-9]*' | tr -dc 0-9; return; }
        sleep 0.05
    done
}
at_most() { [ -n "$1" ] && [ "$1" -gt 0 ] && [ "$1" -le "$2" ] || { echo "  got '$1', at most '$2'"; return 1; }; }
login ida
# A page of the strategy reads the whole model: one statement for each kind of object.
# Page and bound: about a tenth more than it takes with 23 queries, 12,000 posts, 18 options, 14 topics and what the
# cases before add.
while read -r page most; do
    get "/w/halden/$page" >/dev/null # the first asks what is then kept: prepared statements, settings, the frame
    logged=$(wc -l <"$work/data.log")
    check "statements: $page answers" is "$(get "/w/halden/$page")" 200
    check "statements: $page" at_most "$(statements_of "/w/halden/${page%%\?*}" "$logged")" "$most"
done <<'PAGES'
bridge 176
model 198
potential 76
steering 160
market 345
market/terms 132
market/needs 216
influence 97
search 12
search?q=battery 95
queries 720
queries/new 10
queries/halden-battery 127
topics 76
assessment 78
topics/battery 76
ledger 15
palette 70
options 76
sheets 76
goals 76
edit/option/repair-community 76
alerts 15
trends 15
labels 145
sources 15
imports 10
PAGES
