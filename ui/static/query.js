/* The query editor: the text in colours behind what is typed, proposals for fields and other queries, the layout of
 * the program. The text area stays what it is; without this script everything but the colours and proposals works. */
(function () {
    'use strict';
    var area = document.getElementById('text'), box = document.querySelector('[data-code-edit]');
    if (!area || !box) return;
    var known = { names: [], fields: [] };
    try { known = JSON.parse(document.getElementById('query-words').textContent); } catch (e) { /* no proposals */ }

    /* ---- colours: a copy of the text under the transparent text of the area ---- */
    var PLAIN_FROM = 30000; /* longer texts are not coloured: typing has to stay quick */
    var LAZY_FROM = 4000, LAZY_MS = 350; /* these only when nobody types */
    var back = document.createElement('pre');
    back.className = 'code-back';
    back.setAttribute('aria-hidden', 'true');
    area.parentNode.insertBefore(back, area);
    var look = getComputedStyle(area);
    ['fontFamily', 'fontSize', 'fontWeight', 'lineHeight', 'letterSpacing', 'tabSize', 'paddingTop', 'paddingRight', 'paddingBottom', 'paddingLeft', 'borderTopWidth', 'borderLeftWidth'].forEach(function (p) { back.style[p] = look[p]; });
    back.style.boxSizing = 'border-box';
    var part = /(<<<[\s\S]*?(?:>>>|$))|("(?:[^"\\]|\\.)*"?(?:~\d+)?)|(@@[\w.-]+)|\b(AND|OR|NOT|and|or|not)\b|\b(O?NEAR\/\d+f?|O?NEAR|SENTENCE|COUNT)\b|(\b[a-z_]+:)(?=\S)|([#@$][\w\u00c0-\uffff]+)|(\{[^}]*\}?)|([()[\]])/g;
    var kinds = ['note', 'quote', 'name', 'op', 'near', 'field', 'sign', 'case', 'bracket'];
    var depth = 0, wanted = 0;
    function paint() {
        wanted = 0;
        var text = area.value, isPlain = text.length > PLAIN_FROM;
        box.classList.toggle('is-plain', isPlain);
        if (isPlain) { back.textContent = ''; return; }
        var out = document.createDocumentFragment(), at = 0, m;
        depth = 0;
        part.lastIndex = 0;
        while ((m = part.exec(text))) {
            if (m[0] === '') { part.lastIndex++; continue; }
            if (m.index > at) out.appendChild(document.createTextNode(text.slice(at, m.index)));
            var span = document.createElement('span'), k = 0;
            while (k < kinds.length - 1 && m[k + 1] === undefined) k++;
            span.className = 'q-' + kinds[k];
            if (kinds[k] === 'bracket') {
                if (m[0] === ')' || m[0] === ']') depth = Math.max(0, depth - 1);
                span.className += ' q-depth-' + depth % 4;
                if (m[0] === '(' || m[0] === '[') depth++;
            }
            span.textContent = m[0];
            out.appendChild(span);
            at = m.index + m[0].length;
        }
        out.appendChild(document.createTextNode(text.slice(at) + '\n'));
        back.textContent = '';
        back.appendChild(out);
        follow();
    }
    function follow() {
        back.scrollTop = area.scrollTop;
        back.scrollLeft = area.scrollLeft;
    }
    var lazy = 0;
    function plan() {
        clearTimeout(lazy);
        if (area.value.length > LAZY_FROM) {
            box.classList.add('is-plain');
            if (area.value.length <= PLAIN_FROM) lazy = setTimeout(paint, LAZY_MS);
        } else if (!wanted) wanted = requestAnimationFrame(paint);
    }
    area.addEventListener('input', plan);
    area.addEventListener('scroll', follow);
    if (window.ResizeObserver) new ResizeObserver(function () { back.style.height = area.clientHeight + 2 + 'px'; back.style.width = area.clientWidth + 2 + 'px'; follow(); }).observe(area);
    box.classList.add('is-ready');
    paint();

    /* ---- proposals ---- */
    var list = document.createElement('ul');
    list.className = 'proposals';
    list.id = 'proposals';
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    box.appendChild(list);
    area.setAttribute('aria-autocomplete', 'list');
    area.setAttribute('aria-controls', 'proposals');
    var items = [], chosen = 0, from = 0;
    function close() {
        list.hidden = true;
        items = [];
        area.removeAttribute('aria-activedescendant');
    }
    function propose(isAsked) {
        var text = area.value.slice(Math.max(0, area.selectionStart - 80), area.selectionStart), m = /(?:^|[\s(\-])(@@?[\w.-]*|[A-Za-z_]*)$/.exec(text);
        if (!m || area.selectionStart !== area.selectionEnd) { close(); return; }
        var word = m[1], isName = word.slice(0, 2) === '@@';
        if (!isName && !isAsked && word.length < 2) { close(); return; }
        var low = word.toLowerCase(), pool = isName ? known.names.map(function (n) { return '@@' + n; }) : known.fields;
        if (!isName && isAsked && !word) pool = known.fields.concat(known.names.map(function (n) { return '@@' + n; }));
        items = pool.filter(function (p) { return p.toLowerCase().indexOf(low) === 0 && p !== word; }).slice(0, 10);
        if (!items.length) { close(); return; }
        from = area.selectionStart - word.length;
        chosen = 0;
        draw();
    }
    function draw() {
        list.textContent = '';
        items.forEach(function (p, i) {
            var li = document.createElement('li');
            li.id = 'proposal-' + i;
            li.setAttribute('role', 'option');
            li.setAttribute('aria-selected', i === chosen ? 'true' : 'false');
            li.textContent = p;
            li.addEventListener('mousedown', function (e) { e.preventDefault(); chosen = i; take(); });
            list.appendChild(li);
        });
        place();
        list.hidden = false;
        area.setAttribute('aria-activedescendant', 'proposal-' + chosen);
    }
    /* Beside the caret, found in the coloured copy; at the foot of the area when there is none. */
    function place() {
        var left = 8, top = area.offsetHeight + 2, left_of = from, node, walker;
        if (!box.classList.contains('is-plain') && document.createRange) {
            walker = document.createTreeWalker(back, NodeFilter.SHOW_TEXT);
            while ((node = walker.nextNode())) {
                if (left_of <= node.length) {
                    var range = document.createRange();
                    range.setStart(node, left_of);
                    range.setEnd(node, Math.min(node.length, left_of + 1));
                    var at = range.getBoundingClientRect(), own = box.getBoundingClientRect();
                    if (at.height) { left = at.left - own.left; top = at.bottom - own.top + 2; }
                    break;
                }
                left_of -= node.length;
            }
        }
        list.style.left = Math.max(0, Math.min(left, area.offsetWidth - 180)) + 'px';
        list.style.top = Math.min(top, area.offsetHeight + 2) + 'px';
    }
    function take() {
        var word = items[chosen];
        area.setRangeText(word, from, area.selectionStart, 'end');
        close();
        area.dispatchEvent(new Event('input', { bubbles: true }));
    }
    area.addEventListener('input', function (e) { if (e.isTrusted) propose(false); });
    area.addEventListener('blur', close);
    area.addEventListener('click', close);
    area.addEventListener('keydown', function (e) {
        if (e.ctrlKey && e.key === ' ') { e.preventDefault(); propose(true); return; }
        if (list.hidden) return;
        if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
            e.preventDefault();
            chosen = (chosen + (e.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length;
            draw();
        } else if ((e.key === 'Enter' && !e.ctrlKey && !e.metaKey) || e.key === 'Tab') {
            e.preventDefault();
            e.stopPropagation();
            take();
        } else if (e.key === 'Escape') {
            e.stopPropagation();
            close();
        }
    });

    /* ---- the program's layout; problems lead to their place ---- */
    document.addEventListener('click', function (e) {
        var button = e.target.closest && e.target.closest('[data-format]');
        if (!button) return;
        area.focus();
        area.select();
        /* as if it were typed, so that it can be undone */
        var text = document.getElementById(button.dataset.format).textContent;
        if (!document.execCommand || !document.execCommand('insertText', false, text)) area.value = text;
        area.dispatchEvent(new Event('input', { bubbles: true }));
    });
})();
