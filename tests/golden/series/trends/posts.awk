# A quiet stream of two days, a post every four minutes; then a fire in the harbour, told by eight
# people and copied by five.
function line(minute, text) {
    printf "{\"id\":\"p%d\",\"created_at\":%d,\"text\":\"%s\"}\n", n++, 1790000400 + minute * 60, text
}
function word() {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return "word" int(exp(seed / 2147483648 * 7))
}
BEGIN {
    seed = 7
    for (minute = 0; minute < 2880; minute += 4)
        line(minute, "the " word() " " word() " " word() " " word() " " word())
    for (i = 0; i < 8; i++)
        line(2880 + i, word() " " word() " harbour fire " word() " " word() " #burning")
    for (i = 0; i < 5; i++)
        line(2888, "RT @bot: win a free voyage http://spam.example/1")
    line(2895, "the " word())
}
