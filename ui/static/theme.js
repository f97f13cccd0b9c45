/* Runs before the first paint: the theme of the device where "automatic" is chosen, and a mark that scripts run. */
(function () {
    'use strict';
    var root = document.documentElement;
    root.classList.add('js');
    function apply() {
        if (root.dataset.theme !== 'auto') return;
        var dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
        root.setAttribute('data-bs-theme', dark ? 'dark' : 'light');
    }
    apply();
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () {
        apply();
        document.dispatchEvent(new CustomEvent('themechange'));
    });
})();
