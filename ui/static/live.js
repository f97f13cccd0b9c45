/* Live pages: the server says which topic of the workspace changed, the page asks for itself again and puts the parts
 * that belong to the topic in place. Without this script, or where streams are not possible, a page shows what was
 * true when it was loaded.
 *
 *   <div id="..." data-live="market sources">      replaced when one of the topics changes
 *   ... data-live-mode="offer" data-live-items="article.post"   nothing jumps: a bar says how many are new
 *   <button data-live-bar="ID" hidden data-one="1 new post" data-many="%s new posts">   that bar
 *
 * One stream for each visible page: a hidden one closes it. What somebody is using (focus, selection, an open menu)
 * is left alone until it is not. At most one refresh in REST_MS.
 */
(function () {
    'use strict';
    var meta = document.querySelector('meta[name=live]');
    if (!meta || !window.EventSource || !window.DOMParser || !window.fetch) return;

    var START_MS = 1500, REST_MS = 3000, HIDE_MS = 8000, SAY_MS = 30000, RETRY_MS = 10000;
    var address = meta.content.split('?')[0], since = (meta.content.split('since=')[1] || '');
    var state = document.getElementById('live-state'), words = document.getElementById('live-words');
    var stream = null, dirty = {}, timer = 0, refreshedAt = 0, saidAt = 0, hideTimer = 0, isBusy = false, isOver = false;
    var raw = {}; /* by id: the part as the server wrote it, before scripts touched it */

    function parts() { return Array.prototype.slice.call(document.querySelectorAll('[data-live][id]')); }
    /* The token of a form is padded anew in every answer. */
    function bare(html) { return html.replace(/name="csrf" value="[^"]*"/g, 'name="csrf"'); }
    parts().forEach(function (el) { raw[el.id] = bare(el.innerHTML); });
    if (parts().length === 0) return;

    function show(isOn) {
        if (!state) return;
        state.hidden = false;
        state.classList.toggle('is-on', isOn);
        state.title = isOn ? state.dataset.on : state.dataset.off;
    }
    function say(text) {
        if (!words || Date.now() - saidAt < SAY_MS) return;
        saidAt = Date.now();
        words.textContent = '';
        setTimeout(function () { words.textContent = text; }, 50);
    }

    /* ---- the stream ---- */
    function open() {
        if (stream || isOver || document.hidden) return;
        stream = new EventSource(address + (since ? '?since=' + encodeURIComponent(since) : ''));
        stream.onopen = function () { show(true); };
        stream.onerror = function () {
            show(false);
            if (stream && stream.readyState === EventSource.CLOSED) stop(); /* refused: no role, logged out, too many */
        };
        ['market', 'spikes', 'alerts', 'trends', 'sources', 'queries', 'imports', 'posts', 'operations'].forEach(function (topic) {
            stream.addEventListener(topic, function (e) { note(e, [topic]); });
        });
        stream.addEventListener('progress', function (e) {
            if (e.lastEventId) since = e.lastEventId;
            document.dispatchEvent(new CustomEvent('live:progress', { detail: JSON.parse(e.data) }));
        });
        stream.addEventListener('resync', function (e) { note(e, ['*']); });
        stream.addEventListener('over', function () {
            close();
            show(false);
            setTimeout(open, RETRY_MS); /* the server starts anew, or refuses */
        });
    }
    function close() {
        if (stream) stream.close();
        stream = null;
    }
    function stop() {
        close();
        isOver = true;
        show(false);
    }
    function note(e, topics) {
        if (e.lastEventId) since = e.lastEventId;
        topics.forEach(function (t) { dirty[t] = true; });
        plan();
    }

    /* ---- refreshing ---- */
    function plan() {
        if (timer || isBusy) return;
        var wait = Math.max(200, refreshedAt + REST_MS - Date.now()) + Math.random() * 300;
        timer = setTimeout(refresh, wait);
    }
    function concerns(el) {
        if (dirty['*']) return true;
        return el.dataset.live.split(/\s+/).some(function (t) { return dirty[t]; });
    }
    function isUsed(el) {
        var active = document.activeElement, selection = window.getSelection();
        if (active && active !== el && el.contains(active) && active.matches('input,textarea,select,summary,[contenteditable]')) return true;
        if (el.querySelector('details.menu[open], dialog[open]')) return true;
        return !!selection && !selection.isCollapsed && el.contains(selection.anchorNode);
    }
    function refresh() {
        timer = 0;
        if (document.hidden) return; /* when it is seen again */
        var wanted = parts().filter(concerns);
        if (wanted.length === 0) { dirty = {}; return; }
        var taken = dirty;
        dirty = {};
        isBusy = true;
        fetch(location.href, { headers: { 'X-Live': '1' }, credentials: 'same-origin' }).then(function (answer) {
            if (answer.redirected || answer.status === 401 || answer.status === 403) { stop(); return ''; }
            return answer.ok ? answer.text() : '';
        }).then(function (html) {
            if (html) apply(new DOMParser().parseFromString(html, 'text/html'), wanted, taken);
        }).catch(function () { /* the next event tries again */ }).then(function () {
            isBusy = false;
            refreshedAt = Date.now();
            if (Object.keys(dirty).length) plan();
        });
    }
    function apply(fresh, wanted, taken) {
        var changed = 0;
        wanted.forEach(function (el) {
            var next = fresh.getElementById(el.id);
            if (!next || !document.contains(el)) return;
            var html = bare(next.innerHTML);
            if (html === raw[el.id]) return;
            if (el.dataset.liveMode === 'offer') { offer(el, next); return; }
            if (isUsed(el)) { Object.keys(taken).forEach(function (t) { dirty[t] = true; }); return; }
            put(el, next, html);
            changed++;
        });
        if (changed && state) say(state.dataset.new);
    }
    function put(el, next, html) {
        var focus = document.activeElement && el.contains(document.activeElement) ? path(el, document.activeElement) : null;
        var opened = Array.prototype.map.call(el.querySelectorAll('details'), function (d) { return d.open; });
        if (window.trimtabChartsGone) window.trimtabChartsGone(el);
        el.innerHTML = next.innerHTML;
        Array.prototype.forEach.call(el.querySelectorAll('details'), function (d, i) { if (opened[i]) d.open = true; });
        raw[el.id] = html;
        if (window.htmx) window.htmx.process(el);
        if (window.trimtabReady) window.trimtabReady(el);
        if (focus) focus(el);
        el.classList.remove('live-changed');
        void el.offsetWidth; /* the mark begins anew */
        el.classList.add('live-changed');
    }
    /* The same link or button in what comes in its place, by its kind and number. */
    function path(el, inner) {
        var all = Array.prototype.slice.call(el.querySelectorAll(inner.tagName)), at = all.indexOf(inner), id = inner.id;
        return function (root) {
            var found = (id && document.getElementById(id)) || root.querySelectorAll(inner.tagName)[at];
            if (found && found.focus) found.focus({ preventScroll: true });
        };
    }

    /* ---- "n new" instead of jumping ---- */
    function keys(root, selector) {
        return Array.prototype.map.call(root.querySelectorAll(selector), function (item) {
            var time = item.querySelector('time');
            return (time ? time.getAttribute('datetime') : '') + ' ' + item.querySelector('p') .textContent.trim().slice(0, 200);
        });
    }
    function offer(el, next) {
        var bar = document.querySelector('[data-live-bar="' + el.id + '"]');
        if (!bar) return;
        var known = {}, count = 0, selector = el.dataset.liveItems;
        keys(el, selector).forEach(function (k) { known[k] = true; });
        keys(next, selector).forEach(function (k) { if (!known[k]) count++; });
        if (!count) return;
        var text = count === 1 ? bar.dataset.one : bar.dataset.many.replace('%s', String(count));
        if (bar.textContent !== text) bar.textContent = text;
        bar.hidden = false;
        bar.onclick = function () {
            put(el, next, bare(next.innerHTML));
            bar.hidden = true;
            el.setAttribute('tabindex', '-1');
            el.focus({ preventScroll: true });
        };
    }

    /* ---- begin, hide, show ---- */
    document.addEventListener('visibilitychange', function () {
        clearTimeout(hideTimer);
        if (document.hidden) hideTimer = setTimeout(close, HIDE_MS);
        else {
            open();
            if (Object.keys(dirty).length) plan();
        }
    });
    window.addEventListener('pagehide', close);
    window.addEventListener('pageshow', function (e) { if (e.persisted) open(); });
    window.trimtabLive = { isOpen: function () { return !!stream && stream.readyState === 1; } };
    if (document.readyState === 'complete') setTimeout(open, START_MS);
    else window.addEventListener('load', function () { setTimeout(open, START_MS); });
})();
