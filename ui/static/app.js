/* Small helpers of every page. Nothing here is needed to use a page; it only makes it quicker. */
(function () {
    'use strict';

    /* Times: the viewer's zone, UTC on hover. */
    var zoneFormats = {
        minute: { dateStyle: 'medium', timeStyle: 'short' },
        hour: { dateStyle: 'medium', timeStyle: 'short' },
    };
    function localTimes(root) {
        var lang = document.documentElement.lang || undefined;
        root.querySelectorAll('time[data-show=minute],time[data-show=hour]').forEach(function (t) {
            if (t.dataset.done) return;
            t.dataset.done = '1';
            var at = new Date(t.getAttribute('datetime'));
            if (isNaN(at)) return;
            t.title = t.getAttribute('datetime').replace('T', ' ').replace('Z', ' UTC');
            t.textContent = new Intl.DateTimeFormat(lang, zoneFormats[t.dataset.show]).format(at);
        });
    }

    /* Menus close on Escape and on a click elsewhere. */
    document.addEventListener('click', function (e) {
        document.querySelectorAll('details.menu[open]').forEach(function (d) {
            if (!d.contains(e.target)) d.open = false;
        });
    });
    document.addEventListener('keydown', function (e) {
        if (e.key === 'Escape')
            document.querySelectorAll('details.menu[open]').forEach(function (d) {
                d.open = false;
                d.querySelector('summary').focus();
            });
    });

    /* Forms: Ctrl Enter sends, a changed form warns before it is left. */
    document.addEventListener('keydown', function (e) {
        if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && e.target.form) e.target.form.requestSubmit();
    });

    /* Search with '/'. */
    function isTyping(el) {
        return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
    }
    document.addEventListener('keydown', function (e) {
        if (e.key === '/' && !isTyping(e.target) && !e.ctrlKey && !e.metaKey) {
            var box = document.getElementById('global-search');
            if (box) {
                e.preventDefault();
                box.focus();
                box.select();
            }
        }
    });

    /* Command palette: the pages of the rail and what the server suggests. */
    var palette = document.getElementById('palette');
    var input = document.getElementById('palette-input');
    var list = document.getElementById('palette-list');
    var entries = [], at = 0, remote = null;
    function pages() {
        return Array.prototype.map.call(document.querySelectorAll('.rail-list a'), function (a) {
            return { label: a.textContent.trim(), link: a.getAttribute('href'), kind: '' };
        });
    }
    function draw() {
        var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        var all = pages().concat(remote || []).filter(function (x) {
            var hay = (x.label + ' ' + x.kind).toLowerCase();
            return words.every(function (w) { return hay.indexOf(w) >= 0; });
        }).slice(0, 12);
        entries = all;
        if (at >= all.length) at = 0;
        list.textContent = '';
        all.forEach(function (x, i) {
            var li = document.createElement('li');
            li.setAttribute('role', 'option');
            li.id = 'palette-' + i;
            li.setAttribute('aria-selected', i === at ? 'true' : 'false');
            var name = document.createElement('span');
            name.textContent = x.label;
            li.appendChild(name);
            if (x.kind) {
                var kind = document.createElement('small');
                kind.textContent = x.kind;
                li.appendChild(kind);
            }
            li.addEventListener('click', function () { location.href = x.link; });
            list.appendChild(li);
        });
        if (all.length) input.setAttribute('aria-activedescendant', 'palette-' + at);
    }
    function openPalette() {
        if (!palette || palette.open) return;
        palette.showModal();
        input.value = '';
        at = 0;
        draw();
        var home = document.querySelector('.rail-list a');
        if (!remote && home) {
            var base = home.getAttribute('href').replace(/\/bridge$/, '');
            fetch(base + '/palette', { headers: { Accept: 'application/json' } })
                .then(function (r) { return r.ok ? r.json() : []; })
                .then(function (found) { remote = found; draw(); })
                .catch(function () { remote = []; });
        }
    }
    if (palette && typeof palette.showModal === 'function') {
        var opener = document.getElementById('palette-open');
        if (opener) opener.addEventListener('click', openPalette);
        document.addEventListener('keydown', function (e) {
            if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
                e.preventDefault();
                openPalette();
            }
        });
        input.addEventListener('input', function () { at = 0; draw(); });
        input.addEventListener('keydown', function (e) {
            if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
                e.preventDefault();
                at = (at + (e.key === 'ArrowDown' ? 1 : entries.length - 1)) % Math.max(1, entries.length);
                draw();
            } else if (e.key === 'Enter') {
                e.preventDefault();
                if (entries[at]) location.href = entries[at].link;
            }
        });
        palette.addEventListener('click', function (e) { if (e.target === palette) palette.close(); });
    }

    /* The rail on small screens. */
    var toggle = document.querySelector('.rail-toggle');
    if (toggle)
        toggle.addEventListener('toggle', function () {
            document.body.classList.toggle('rail-open', toggle.open);
        });

    /* htmx sends the form token with every change. */
    document.addEventListener('htmx:configRequest', function (e) {
        var csrf = document.querySelector('meta[name=csrf]');
        if (csrf) e.detail.headers['X-CSRF-Token'] = csrf.content;
    });
    /* Refused forms come back as a page of status 422: show it. */
    document.addEventListener('htmx:beforeSwap', function (e) {
        if (e.detail.xhr.status === 422) {
            e.detail.shouldSwap = true;
            e.detail.isError = false;
        }
    });

    /* A part that the page asks for by itself says when it does not come. */
    ['htmx:responseError', 'htmx:sendError'].forEach(function (name) {
        document.addEventListener(name, function (e) {
            if (e.detail.elt.getAttribute('hx-trigger') === 'load') e.detail.elt.classList.add('is-failed');
        });
    });

    /* Select and checkbox controls that send their form at once. */
    document.addEventListener('change', function (e) {
        var form = e.target.form;
        if (form && e.target.hasAttribute('data-send') && !form.hasAttribute('hx-get')) form.requestSubmit();
    });

    /* "Apply the fix" replaces the bytes that a problem of a query names. */
    document.addEventListener('click', function (e) {
        var button = e.target.closest && e.target.closest('[data-edit-from]');
        var area = document.getElementById('text');
        if (!button || !area) return;
        var bytes = new TextEncoder().encode(area.value), d = new TextDecoder();
        area.value = d.decode(bytes.slice(0, +button.dataset.editFrom)) + button.dataset.editText + d.decode(bytes.slice(+button.dataset.editTo));
        area.dispatchEvent(new Event('input', { bubbles: true }));
        area.focus();
    });

    /* A fix is for the text that was checked, not for what is typed meanwhile. */
    document.addEventListener('input', function (e) {
        if (e.target.id === 'text')
            document.querySelectorAll('[data-edit-from]').forEach(function (b) { b.disabled = true; });
    });

    document.addEventListener('click', function (e) {
        if (e.target.closest && e.target.closest('[data-print]')) window.print();
    });

    /* Sliders and their number. */
    document.addEventListener('input', function (e) {
        var out = e.target.id && document.querySelector('output[for="' + e.target.id + '"]');
        if (out) out.textContent = e.target.value;
    });

    /* Tables sort by a click on a heading. */
    function cellValue(row, i) {
        var cell = row.cells[i];
        if (!cell) return '';
        var raw = cell.dataset.value;
        return raw !== undefined && raw !== '' ? Number(raw) : cell.textContent.trim().toLowerCase();
    }
    function sortable(root) {
        root.querySelectorAll('table[data-sortable] thead th').forEach(function (th) {
            if (th.dataset.ready || !th.textContent.trim()) return;
            th.dataset.ready = '1';
            var button = document.createElement('button');
            button.type = 'button';
            button.className = 'th-sort';
            while (th.firstChild) button.appendChild(th.firstChild);
            th.appendChild(button);
            button.addEventListener('click', function () {
                var table = th.closest('table'), body = table.tBodies[0];
                var i = th.cellIndex, up = th.getAttribute('aria-sort') !== 'ascending';
                table.querySelectorAll('th[aria-sort]').forEach(function (o) { o.removeAttribute('aria-sort'); });
                th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
                Array.prototype.slice.call(body.rows).sort(function (a, b) {
                    var x = cellValue(a, i), y = cellValue(b, i);
                    var order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
                    return up ? order : -order;
                }).forEach(function (r) { body.appendChild(r); });
            });
        });
    }

    function ready(root) {
        localTimes(root);
        sortable(root);
        if (window.trimtabCharts) window.trimtabCharts(root);
    }
    document.addEventListener('DOMContentLoaded', function () { ready(document); });
    document.addEventListener('htmx:afterSettle', function (e) { ready(e.target.parentNode || document); });
    window.trimtabReady = ready;
})();
