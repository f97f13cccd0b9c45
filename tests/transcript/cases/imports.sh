# imports.sh - a file from the browser: looked at, mapped, imported, its rejected rows; who may; what is refused.
login ida
token=$(csrf)
bring() { # file, curl arguments
    curl -s -b "$jar" -o "$work/body" -D "$work/head" -w '%{http_code}' -F "csrf=$token" -F "file=@$1" "${@:2}" "$BASE/w/halden/imports"
}
location() { sed -n 's/^Location: \([^\r]*\).*/\1/p' "$work/head"; }
parts() { find "$work/data/workspaces/halden/files" -name 'part-*' | wc -l; }
cat >"$work/My survey.csv" <<'CSV'
Nr,What was said,When,Stars
1,"Halden battery is empty at noon",2026-11-01T10:00:00Z,2
2,"Halden battery swells",yesterday,1
3,"nothing that concerns anybody",2026-11-01T12:00:00Z,9
4,"Halden battery drains",2026-11-02T12:00:00Z,3
CSV
check 'imports has an empty list' is "$(get /w/halden/imports)" 200
check '... with a form' contains "$work/body" 'enctype="multipart/form-data"'
check 'a file is brought' is "$(bring "$work/My survey.csv")" 303
page=$(location)
check '... and shown' is "$(get "$page")" 200
check '... with its name' contains "$work/body" 'My survey.csv'
check '... and its guesses' contains "$work/body" '<option value="rating" selected>'
check '... a heading that says nothing is left open' contains "$work/body" 'No column holds the text'
map=(-d column.0=id -d column.1=text -d column.2=created_at -d column.3=rating -d source=panel)
check 'columns are mapped' is "$(post "$page" -d do=save "${map[@]}")" 303
get "$page" >/dev/null
check '... rows that cannot be read are told first' contains "$work/body" 'created_at is not a time'
check '... with their line' contains "$work/body" '<strong>Line 3</strong>'
check '... and rows that can' contains "$work/body" 'Halden battery is empty at noon'
check 'two columns for one member are refused' is "$(post "$page" -d do=save -d column.0=text -d column.1=text)" 422
check '... with the reason' contains "$work/body" 'cannot both fill'
check 'the import begins' is "$(post "$page" -d do=import "${map[@]}")" 303
for _ in $(seq 100); do
    get "$page" >/dev/null
    contains "$work/body" 'What came of it' && break
    sleep 0.1
done
check '... and ends with counts' contains "$work/body" '<dt>Read</dt><dd>4</dd>'
check '... an alert on it is one press away' contains "$work/body" 'alerts/rules/new?query='
check '... of rejected ones' contains "$work/body" '<dd class="negative">2</dd>'
check 'rejected rows are a file' is "$(get "$page/rejects")" 200
check '... with heading and rows as they came' is "$(head -2 "$work/body" | tail -1)" '2,"Halden battery swells",yesterday,1'
get "$page/rejects?reasons=1" >/dev/null
check '... their reasons name the file as it came' contains "$work/body" 'My survey.csv:3: created_at is not a time'
check '... and no path of the server' lacks "$work/body" "$work"
get '/w/halden/search?q=source:panel' >/dev/null
check 'what a query asks for is found' contains "$work/body" 'battery is empty at noon'
check 'imported again' is "$(post "$page" -d do=import "${map[@]}")" 303
for _ in $(seq 100); do
    get "$page" >/dev/null
    contains "$work/body" 'What came of it' && break
    sleep 0.1
done
check '... no post counts twice' contains "$work/body" 'Known before</span></dt><dd>2</dd>'
gzip -kf "$work/My survey.csv"
check 'gzip is opened' is "$(bring "$work/My survey.csv.gz")" 303
packed=$(location)
get "$packed" >/dev/null
check '... and remembers how such columns were read' contains "$work/body" '<option value="text" selected>'
printf 'Nr;Text;Datum\n1;Halden-Akku h\344lt nicht;2026-11-03\n2;Halden-Akku gebl\344ht;irgendwann\n' >"$work/umlaute.csv"
check 'a file in Windows-1252 is brought' is "$(bring "$work/umlaute.csv")" 303
wide=$(location)
get "$wide" >/dev/null
check '... and read' contains "$work/body" 'Halden-Akku hält nicht'
check '... as what is said' contains "$work/body" 'read as Windows-1252'
post "$wide" -d do=import -d column.0=id -d column.1=text -d column.2=created_at -d source=umlaute >/dev/null
for _ in $(seq 100); do
    get "$wide" >/dev/null
    contains "$work/body" 'What came of it' && break
    sleep 0.1
done
get "$wide/rejects" >/dev/null
check '... its rejected rows are in UTF-8, below their heading' is "$(cat "$work/body")" $'Nr;Text;Datum\n2;Halden-Akku gebläht;irgendwann'
head -c 3000 /dev/urandom >"$work/noise.bin"
check 'noise can be brought' is "$(bring "$work/noise.bin")" 303
noise=$(location)
check '... and is told' is "$(get "$noise"; grep -c 'cannot be read as it is' "$work/body")" '2001'
check 'no file is told' is "$(curl -s -b "$jar" -o "$work/body" -w '%{http_code}' -F "csrf=$token" "$BASE/w/halden/imports")" 422
check '... in words' contains "$work/body" 'No file was chosen'
check 'a form without its token is refused' is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -F "file=@$work/noise.bin" "$BASE/w/halden/imports")" 403
check 'a token behind the file is too late' is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -F "file=@$work/noise.bin" -F "csrf=$token" "$BASE/w/halden/imports")" 403
check 'another site cannot bring files' is "$(bring "$work/noise.bin" -H 'Origin: http://evil.example')" 403
check 'a form that is no file form is refused' is "$(post /w/halden/imports -d file=x)" 422
check 'one that ends too early is refused' is "$(curl -s -b "$jar" -o /dev/null -w '%{http_code}' -H "X-CSRF-Token: $token" -H 'Content-Type: multipart/form-data; boundary=x' --data-binary $'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nid,text\n1,a' "$BASE/w/halden/imports")" 422
check 'nothing is left of what was refused' is "$(parts)" 0
check 'a file can be removed' is "$(post "$noise" -d do=remove)" 303
check '... and is gone' is "$(get "$noise")" 404
check 'the ledger knows' is "$(get '/w/halden/ledger'; grep -c 'upload.remove' "$work/body" >/dev/null && echo yes)" 200yes
login vera
token=$(csrf)
check 'a viewer may look' is "$(get "$page")" 200
check '... not bring' is "$(bring "$work/My survey.csv")" 403
check '... nor import' is "$(post "$page" -d do=import)" 403
login olga
check 'another workspace sees nothing' is "$(get "$page")" 404
