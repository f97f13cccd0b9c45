/* How far a file is: while it goes up, and while it is imported. Without this script the form sends the file all the
 * same, and the page says how far the import is when it is loaded again. */
(function () {
    'use strict';
    var lang = document.documentElement.lang || undefined;
    function number(n) { return new Intl.NumberFormat(lang, { maximumFractionDigits: 0 }).format(n); }

    /* Going up: the same form, sent by a request that tells how far it is. */
    document.addEventListener('submit', function (e) {
        var form = e.target;
        if (!form.hasAttribute('data-upload') || !window.XMLHttpRequest) return;
        var line = form.querySelector('[data-upload-progress]'), bar = line.querySelector('progress'), words = line.querySelector('[data-upload-words]');
        var request = new XMLHttpRequest(), begun = Date.now();
        e.preventDefault();
        form.querySelector('button').disabled = true;
        line.hidden = false;
        request.upload.onprogress = function (p) {
            if (!p.lengthComputable) return;
            bar.value = p.loaded / p.total;
            var rate = p.loaded / Math.max(0.2, (Date.now() - begun) / 1000);
            words.textContent = number(100 * p.loaded / p.total) + '\u202f% \u00b7 ' + number(rate / 1e6) + '\u00a0MB/s';
        };
        request.onload = function () {
            if (request.status < 400 && request.responseURL) { location.href = request.responseURL; return; }
            document.open(); /* the page that says what was wrong */
            document.write(request.responseText);
            document.close();
        };
        request.onerror = function () { form.submit(); };
        request.open('POST', form.action);
        request.setRequestHeader('X-CSRF-Token', form.elements.csrf.value);
        request.send(new FormData(form));
    });

    /* Being imported: the server tells. */
    document.addEventListener('live:progress', function (e) {
        var p = e.detail, card = document.querySelector('[data-progress="' + p.upload + '"]');
        if (!card) return;
        var bar = card.querySelector('[data-progress-bar]'), rate = card.querySelector('[data-progress-rate]'), left = card.querySelector('[data-progress-left]');
        if (p.total > 0) bar.value = p.done / p.total;
        ['read', 'new', 'updated', 'duplicate', 'matched', 'rejected'].forEach(function (key) {
            var cell = card.querySelector('[data-count="' + key + '"]');
            if (cell) cell.textContent = number(p[key]);
        });
        rate.textContent = p.rate > 0 ? rate.dataset.words.replace('%s', number(p.rate)) : '';
        left.textContent = p.left >= 0 ? left.dataset.words.replace('%s', number(p.left)) : '';
    });
})();
