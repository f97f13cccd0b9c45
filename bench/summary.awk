# summary.awk - the rows of the bars (first file) with what was measured (second file) as one table.
#   awk -v names=" match text " -f bench/summary.awk bench/rows build/bench/rows.tsv
BEGIN {
    FS = "\t"
    form = "%-62s %12s %-9s %6s  %-34s %12s %8s  %-10s %-6s %-10s %-6s %6s\n"
    printf form, "work", "ours", "unit", "±%", "peer", "peer", "times", "bar", "", "reach", "", "MiB"
}
function shown(x) {
    x += 0
    if (x >= 1000000) return sprintf("%.2f M", x / 1000000)
    if (x >= 10000) return sprintf("%.0f k", x / 1000)
    return x >= 100 ? sprintf("%.0f", x) : sprintf("%.3g", x)
}
function wanted(bar) {
    return bar ~ /^[<>]=/ ? substr(bar, 1, 2) " " shown(substr(bar, 3)) : bar
}
FNR == NR {
    if ($0 !~ /^#/ && NF > 1) { scenario[++count] = $1; work[count] = $2; known[$2] = count }
    next
}
{
    line[$1] = $0
    if (!($1 in known)) { scenario[++count] = ""; work[count] = $1; known[$1] = count }
}
END {
    for (i = 1; i <= count; i++) {
        if (!(work[i] in line)) {
            if (index(names, " " scenario[i] " ")) { printf "%-62s not measured\n", work[i]; missing++ }
            continue
        }
        split(line[work[i]], f, "\t")
        has_peer = (f[6] > 0)
        peer = f[5] == "" ? "-" : has_peer ? f[5] : f[5] " not installed"
        half = (f[4] > 0) ? sprintf("%.0f", f[4] / 2) : ""
        times = has_peer ? sprintf("%.3g x", f[8]) : ""
        printf form, f[1], shown(f[3]), f[2], half, peer, has_peer ? shown(f[6]) : "", times, wanted(f[9]), f[10], wanted(f[11]), f[12], f[13]
        if (f[10] == "met") met++
        if (f[10] == "short") { short++; list = list "\n  " f[1] }
        if (f[10] == "?") unknown++
        if (f[12] == "met") reached++
        if (f[12] == "short") beyond++
    }
    printf "bars: %d met, %d short, %d without their peer, %d rows not measured; reach: %d reached, %d not\n", met, short, unknown, missing, reached, beyond
    if (list != "") print "short:" list
}
