/* object_form_spec.c - finds the form of a kind. */
#include "web/view/object_form_spec.h"

static const struct object_form_list *const lists[] = {
    &object_form_company,   &object_form_assessment, &object_form_topic,
    &object_form_option,    &object_form_version,    &object_form_condition,
    &object_form_worksheet, &object_form_goal,       &object_form_component};

const struct object_form_spec *object_form_spec(Str kind_word)
{
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (str_eq(word_of(&words_object_kind, (int)lists[l]->items[i].kind), kind_word))
                return &lists[l]->items[i];
    return NULL;
}
