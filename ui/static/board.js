/* The options board: a card dragged to another column of its topic opens its form there and asks for the
   reason. The form works alone, with the keyboard and without this script. */
(function () {
    'use strict';

    var dragged = null;

    function cellOf(el) { return el && el.closest ? el.closest('.board-cell') : null; }
    function formOf(card) { return card.querySelector('.option-rate form'); }
    function mayTake(cell) {
        return dragged && cell && cell.closest('.board-row') === dragged.closest('.board-row') && cell !== cellOf(dragged);
    }
    function refresh(row) {
        row.querySelectorAll('.board-cell').forEach(function (cell) {
            cell.classList.toggle('is-empty', !cell.querySelector('.option'));
        });
    }
    function place(card, cell) {
        cell.querySelector('.board-list').appendChild(card);
        refresh(card.closest('.board-row'));
    }
    function clear() {
        document.querySelectorAll('.board-cell.is-target, .board-row.is-dragging').forEach(function (el) {
            el.classList.remove('is-target', 'is-dragging');
        });
    }
    /* Back to where the server has it. */
    function cancel(card) {
        var form = formOf(card), from = card.dataset.from;
        form.reset();
        if (from) {
            delete card.dataset.from;
            card.classList.remove('is-moved');
            place(card, card.closest('.board-row').querySelector('.board-cell[data-rating="' + from + '"]'));
        }
        card.querySelector('.option-rate').open = false;
        card.querySelector('.option-rate summary').focus();
    }
    function drop(card, cell) {
        var start = card.dataset.from || cellOf(card).dataset.rating, form = formOf(card);
        place(card, cell);
        form.elements.rating.value = cell.dataset.rating;
        if (start === cell.dataset.rating) {
            cancel(card);
            return;
        }
        card.dataset.from = start;
        card.classList.add('is-moved');
        card.querySelector('.option-rate').open = true;
        form.elements.reason.focus();
    }

    document.querySelectorAll('.board .option').forEach(function (card) {
        var form = formOf(card);
        if (!form) return;
        card.draggable = true;
        form.querySelector('[data-cancel]').addEventListener('click', function () { cancel(card); });
        /* Text in the form stays selectable. */
        form.addEventListener('mousedown', function () { card.draggable = false; });
        card.addEventListener('keydown', function (e) {
            if (e.key === 'Escape' && card.querySelector('.option-rate').open) cancel(card);
        });
    });
    document.addEventListener('mouseup', function () {
        document.querySelectorAll('.board .option[draggable=false]').forEach(function (card) { card.draggable = true; });
    });
    document.addEventListener('dragstart', function (e) {
        var card = e.target.closest && e.target.closest('.board .option[draggable=true]');
        if (!card) return;
        dragged = card;
        e.dataTransfer.effectAllowed = 'move';
        e.dataTransfer.setData('text/plain', card.querySelector('h4').textContent);
        card.closest('.board-row').classList.add('is-dragging');
    });
    document.addEventListener('dragover', function (e) {
        var cell = cellOf(e.target);
        document.querySelectorAll('.board-cell.is-target').forEach(function (el) { if (el !== cell) el.classList.remove('is-target'); });
        if (!mayTake(cell)) return;
        e.preventDefault();
        e.dataTransfer.dropEffect = 'move';
        cell.classList.add('is-target');
    });
    document.addEventListener('drop', function (e) {
        var cell = cellOf(e.target);
        if (!mayTake(cell)) return;
        e.preventDefault();
        drop(dragged, cell);
    });
    document.addEventListener('dragend', function () {
        clear();
        dragged = null;
    });
    document.querySelectorAll('.option [aria-invalid]').forEach(function (field) { field.focus(); });
})();
