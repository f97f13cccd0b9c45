/* Labelling by keyboard: a button or link with data-key is pressed by that key. The forms work alone,
   without this script. */
(function () {
    'use strict';

    function isTyping(el) {
        return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
    }

    var isSent = false; /* a key held down judges one post */

    document.addEventListener('keydown', function (event) {
        if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
        if (document.querySelector('dialog[open]')) return;
        var key = event.key.toLowerCase(), target = null;
        document.querySelectorAll('[data-key]').forEach(function (el) {
            if (el.dataset.key === key) target = el;
        });
        if (!target || isSent) return;
        event.preventDefault();
        isSent = true;
        target.click();
    });
    window.addEventListener('pageshow', function () { isSent = false; });
})();
