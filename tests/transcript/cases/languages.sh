# Every message of templates, sources and the rooms below is extracted, and every language has all of them.
make -s pot POT="$work/pot" ROOMS_POT="$work/rooms.pot"
check "ui/po/trimtab.pot is current (make pot)" cmp -s "$work/pot" ui/po/trimtab.pot
check "ui/po/rooms/rooms.pot is current (make pot)" cmp -s "$work/rooms.pot" ui/po/rooms/rooms.pot
for po in ui/po/*.po ui/po/rooms/*.po; do
    check "$po is complete" is "$(msgattrib --untranslated --no-obsolete "$po" | grep -c '^msgid')" 0
    check "$po has no fuzzy message" is "$(msgattrib --only-fuzzy --no-obsolete "$po" | grep -c '^msgid')" 0
    check "$po fits its messages" msgfmt --check -o /dev/null "$po"
done
