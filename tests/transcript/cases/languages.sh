# Every message of templates and sources is extracted, and every language has all of them.
make -s pot POT="$work/pot"
check "ui/po/trimtab.pot is current (make pot)" cmp -s "$work/pot" ui/po/trimtab.pot
for po in ui/po/*.po; do
    check "$po is complete" is "$(msgattrib --untranslated --no-obsolete "$po" | grep -c '^msgid')" 0
    check "$po has no fuzzy message" is "$(msgattrib --only-fuzzy --no-obsolete "$po" | grep -c '^msgid')" 0
done
