/* How far long work on the data is, as the server tells (view/operation_view.h). What came of it the live part of the
 * page brings (live.js). */
(function () {
    'use strict';
    var lang = document.documentElement.lang || undefined;
    function number(n) { return new Intl.NumberFormat(lang, { maximumFractionDigits: 0 }).format(n); }
    document.addEventListener('live:progress', function (e) {
        var p = e.detail, card = p.operation && document.querySelector('[data-operation="' + p.operation + '"]');
        if (!card) return;
        var rate = card.querySelector('[data-operation-rate]'), left = card.querySelector('[data-operation-left]');
        if (p.total > 0) card.querySelector('[data-operation-bar]').value = p.done / p.total;
        rate.textContent = p.rate > 0 ? rate.dataset.words.replace('%s', number(p.rate / Number(rate.dataset.scale))) : '';
        left.textContent = p.left >= 0 ? left.dataset.words.replace('%s', number(p.left)) : p.total > 0 && p.done === p.total ? left.dataset.end : '';
    });
})();
