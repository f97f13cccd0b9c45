# Who is heard: the page, the posts behind an author's numbers, the graph as a file.
login ida
page='/w/halden/influence?query=halden-battery&days=3650'
check "the page of influence" is "$(get "$page")" 200
check "... draws the graph" contains "$work/body" 'data-chart="network"'
check "... lists authors with three numbers" contains "$work/body" '<progress class="place"'
author=$(grep -o 'author=[^#"]*#author' "$work/body" | head -1 | sed 's/#author//')
check "an author opens" is "$(get "$page&$author")" 200
check "... with posts" contains "$work/body" 'id="author"'
check "... and they are shown" contains "$work/body" '<article class="post">'
check "an author nobody knows" is "$(get "$page&author=nowhere/nobody")" 200
check "... opens nothing" lacks "$work/body" 'id="author"'
check "a window that is no number" is "$(get '/w/halden/influence?days=many')" 200
check "a query that is not there" is "$(get '/w/halden/influence?query=none')" 404
check "the graph as a file" is "$(get "/w/halden/influence/graph?query=halden-battery&days=3650")" 200
check "... is offered for keeping" contains "$work/head" 'Content-Disposition: attachment; filename="halden-battery.gexf"'
check "... is GEXF" contains "$work/body" '<gexf xmlns="http://gexf.net/1.3"'
check "... with its end" contains "$work/body" '</gexf>'
# Every figure opens what is behind it.
check "the page again" is "$(get "$page")" 200
check "no figure is without a link" lacks "$work/body" '<div class="kpi">'
check "the first ten open" contains "$work/body" 'list=10#heard'
circle=$(grep -o '[^"]*circle=1#heard' "$work/body" | head -1 | sed 's/&amp;/\&/g; s/#heard//')
authors=$(grep -o 'circle=1#heard">[0-9]*' "$work/body" | head -1 | sed 's/.*>//')
check "a circle opens" is "$(get "$circle")" 200
check "... with as many authors as it says" is "$(grep -o 'class="place"' "$work/body" | wc -l)" "$((authors * 3))"
check "... and the way back" contains "$work/body" 'Show all circles'
