/* Upgrades the accessible tables of a page to ECharts.
 *
 * The server renders <figure class="chart" data-chart="KIND"> with a table and a JSON island; this script
 * draws the island into .chart-canvas, in the page's theme and language. Values open what is behind them.
 * Kinds: time, bars, bubble, scurve, tornado, histogram, heat, network, spark. Nothing is fetched.
 */
import * as echarts from 'echarts/core';
import { LineChart, BarChart, ScatterChart, HeatmapChart, CustomChart, GraphChart } from 'echarts/charts';
import { GridComponent, TooltipComponent, MarkAreaComponent, MarkPointComponent, MarkLineComponent, DataZoomInsideComponent, VisualMapComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';
import langDE from 'echarts/lib/i18n/langDE.js';

echarts.use([LineChart, BarChart, ScatterChart, HeatmapChart, CustomChart, GraphChart, GridComponent, TooltipComponent,
    MarkAreaComponent, MarkPointComponent, MarkLineComponent, DataZoomInsideComponent, VisualMapComponent, CanvasRenderer]);
echarts.registerLocale('DE', langDE);

const lang = document.documentElement.lang || 'en';
const reduced = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const drawn = new Map();

function token(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }
function color(name) { return token(name) || name; }
function colors() { return [1, 2, 3, 4, 5, 6, 7, 8].map((i) => token('c' + i)); }
/* In a language's way, with a minus sign for the hyphen. */
function written(v, options) { return new Intl.NumberFormat(lang, options).format(v).replace('-', '\u2212'); }
function number(v, digits) {
    if (v === null || v === undefined || Number.isNaN(v)) return '\u2013';
    return written(v, { maximumFractionDigits: digits === undefined ? 2 : digits });
}
function value(v, unit) {
    if (v === null || v === undefined) return '\u2013';
    if (unit === 'share') return written(v, { style: 'percent', maximumFractionDigits: 1 });
    if (unit === 'net') return written(v, { signDisplay: 'exceptZero', maximumFractionDigits: 2 });
    if (unit && unit.length === 3 && unit === unit.toUpperCase()) return short(v) + '\u00a0' + unit;
    return number(v, Math.abs(v) < 10 ? 2 : 0);
}
function short(v) {
    const a = Math.abs(v);
    if (a >= 1e9) return number(v / 1e9, 1) + '\u202fG';
    if (a >= 1e6) return number(v / 1e6, 1) + '\u202fM';
    if (a >= 1e4) return number(v / 1e3, a < 1e5 ? 1 : 0) + '\u202fk';
    return number(v, a < 10 ? 2 : 0);
}
function when(ms, withHour) {
    return new Intl.DateTimeFormat(lang, withHour ? { dateStyle: 'medium', timeStyle: 'short' } : { dateStyle: 'medium', timeZone: 'UTC' }).format(ms);
}

/* Days that get a label on a time axis: every n-th, weeks from Monday on, months from the first on, as many as fit. */
const dayMs = 864e5, labelPixels = 64;
function dayLabels(from, to, width) {
    const most = Math.max(2, Math.floor((width - 60) / labelPixels)), span = (to - from) / dayMs;
    const step = [1, 2, 7, 14, 28].find((s) => span / s <= most), days = [];
    if (step) {
        const first = Math.ceil(from / dayMs), monday = ((4 - first) % 7 + 7) % 7;
        for (let d = step < 7 ? first : first + monday; d * dayMs <= to; d += step) days.push(d * dayMs);
        return days;
    }
    const months = [2, 3, 6, 12, 24, 60].find((s) => span / 30.4 / s <= most) || 120, start = new Date(from);
    const firstMonth = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth() + 1) / months) * months;
    for (let m = firstMonth, at; (at = Date.UTC(Math.floor(m / 12), m % 12)) <= to; m += months) days.push(at);
    return days;
}
function dayLabel(ms, isLong) {
    return new Intl.DateTimeFormat(lang, isLong ? { month: 'short', year: 'numeric', timeZone: 'UTC' } : { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(ms);
}

/* Tooltips are built as elements: no markup from data, no inline styles. */
function element(tag, cls, text) {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined) e.textContent = text;
    return e;
}
function tip(title, rows, note) {
    const box = element('div', 'tip');
    if (title) box.appendChild(element('b', '', title));
    rows.forEach((r) => {
        const row = element('div', 'tip-row');
        if (r.color) {
            const dot = element('span', 'tip-dot');
            dot.style.background = r.color;
            row.appendChild(dot);
        }
        row.appendChild(element('span', '', r.name));
        row.appendChild(element('span', '', r.value));
        box.appendChild(row);
    });
    if (note) box.appendChild(element('div', 'text-secondary', note));
    return box;
}

function base(spec) {
    return {
        useUTC: true,
        animation: !reduced && !printing, animationDuration: 250, color: colors(), aria: { enabled: false },
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token('ink-2'), fontSize: 12 },
        grid: { left: 8, right: 12, top: 16, bottom: 4, containLabel: true },
        tooltip: {
            confine: true, backgroundColor: token('paper'), borderColor: token('line'), padding: [8, 10], extraCssText: 'border-radius:8px;box-shadow:0 6px 20px rgba(8,24,22,.14);',
            textStyle: { color: token('ink') },
        },
    };
}
function valueAxis(more) {
    return Object.assign({
        type: 'value', axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4,
        splitLine: { lineStyle: { color: token('line-2') } }, axisLabel: { color: token('ink-2'), formatter: (v) => short(v) },
    }, more);
}
function categoryAxis(more) {
    return Object.assign({
        type: 'category', axisLine: { lineStyle: { color: token('line') } }, axisTick: { show: false },
        axisLabel: { color: token('ink-2') },
    }, more);
}
function axisName(text, more) {
    return Object.assign({ name: text, nameLocation: 'middle', nameGap: 28, nameTextStyle: { color: token('ink-2'), fontSize: 12 } }, more);
}

/* Where a definition changed: upright lines with the version that begins there. */
function breakLines(spec, isBare) {
    return (spec.breaks || []).map((b) => ({ xAxis: b.at, name: b.short, lineStyle: { color: token('c6'), type: 'solid', width: 1.5 }, label: { show: !isBare, position: 'end', distance: 2, rotate: 0, color: token('c6'), fontWeight: 700 } }));
}

/* {series:[{name,type,axis,unit,color,stack,points:[[ms,value,n?]]}], shade:[{from,to,label,color}], marks:[{at,value,label,link}],
    breaks:[{at,short,label}], lines:[{value,label}], least, most (of the first axis), open:"/posts?from={from}&to={to}", step:ms} */
function time(spec, width) {
    const option = base(spec), second = spec.series.some((s) => s.axis === 1);
    const times = spec.series.flatMap((s) => s.points.map((p) => p[0])), from = Math.min(...times), to = Math.max(...times);
    const days = times.length && to - from >= 2 * dayMs ? dayLabels(from, to, width) : null, isLong = to - from > 400 * dayMs;
    option.grid.right = second ? 8 : 16;
    option.xAxis = { type: 'time', axisLine: { lineStyle: { color: token('line') } }, axisTick: { show: false }, splitLine: { show: false }, axisPointer: { label: { show: false } },
        axisLabel: Object.assign({ color: token('ink-2'), hideOverlap: true }, days && { customValues: days, formatter: (v) => dayLabel(v, isLong) }) };
    option.yAxis = [valueAxis(spec.least === undefined ? { min: 0 } : { min: spec.least, max: spec.most, axisLabel: { color: token('ink-2'), formatter: (v) => value(v, spec.series[0].unit), showMinLabel: false, showMaxLabel: false } })];
    if (second) option.yAxis.push(valueAxis({ min: -1, max: 1, splitNumber: 2, splitLine: { show: false }, axisLabel: { color: token('ink-2'), formatter: (v) => value(v, 'net') } }));
    if (spec.scale === 'share') option.yAxis[0] = valueAxis({ min: 0, axisLabel: { color: token('ink-2'), formatter: (v) => value(v, 'share') } });
    option.tooltip.trigger = 'axis';
    option.tooltip.axisPointer = { type: 'line', lineStyle: { color: token('ink-2'), width: 1, type: 'dashed' } };
    option.tooltip.formatter = (items) => {
        if (!items.length) return '';
        const at = items[0].value[0], shade = (spec.shade || []).find((s) => at >= s.from && at < s.to);
        const marks = (spec.marks || []).filter((m) => Math.abs(m.at - at) < (spec.step || 1)).map((m) => m.label);
        const broken = (spec.breaks || []).find((b) => Math.abs(b.at - at) < (spec.step || 864e5) / 2);
        return tip(when(at, (spec.step || 864e5) < 864e5), items.filter((i) => i.seriesName).map((i) => ({ color: i.color, name: i.seriesName, value: value(i.value[1], spec.series[i.seriesIndex] && spec.series[i.seriesIndex].unit) })),
            [shade && shade.label, ...marks, broken && broken.label].filter(Boolean).join(' · '));
    };
    option.series = spec.series.map((s, i) => {
        const c = s.color ? color(s.color) : colors()[i % 8];
        const o = {
            name: s.name, type: s.type === 'bar' ? 'bar' : 'line', yAxisIndex: s.axis === 1 ? 1 : 0, data: s.points, symbol: 'none', z: s.axis === 1 ? 3 : 2,
            itemStyle: { color: c }, lineStyle: { width: s.axis === 1 ? 1.75 : 2, color: c }, stack: s.stack, barMaxWidth: 18, connectNulls: false, emphasis: { disabled: true },
        };
        if (s.type === 'bar') o.itemStyle = { color: c, borderRadius: [2, 2, 0, 0] };
        if (s.type === 'area') o.areaStyle = { color: c, opacity: s.stack ? 0.75 : 0.13 };
        if (s.type === 'area' && s.stack) { o.lineStyle.width = 0; }
        if (s.dashed) { o.lineStyle.type = 'dashed'; o.lineStyle.width = 1.25; }
        return o;
    });
    const first = option.series[0];
    if (first && spec.shade && spec.shade.length)
        first.markArea = { silent: true, itemStyle: { color: token('amber'), opacity: 0.14 }, data: spec.shade.map((s) => [{ xAxis: s.from, itemStyle: s.color ? { color: token(s.color), opacity: 0.14 } : undefined }, { xAxis: s.to }]) };
    if (first && spec.marks && spec.marks.length) {
        /* Marks of one place stand above one another, each to be pointed at; the axis leaves them room. */
        const floor = {}, level = spec.marks.map((m) => { floor[m.at] = (floor[m.at] || 0) + 1; return floor[m.at] - 1; });
        option.yAxis[0].boundaryGap = [0, Math.min(0.1 * Math.max(...level), 0.6)];
        first.markPoint = {
            symbol: 'circle', symbolSize: 18, symbolOffset: [0, -14], itemStyle: { color: token('red') }, label: { color: token('paper'), fontSize: 10.5, fontWeight: 700, formatter: (p) => String(p.data.short || '!') },
            data: spec.marks.map((m, i) => ({ coord: [m.at, m.value], symbolOffset: [0, -14 - 20 * level[i]], short: m.short, link: m.link, name: m.label })),
        };
    }
    if (first && (spec.lines || breakLines(spec).length))
        first.markLine = { silent: true, symbol: 'none', lineStyle: { color: token('ink-2'), type: 'dashed' }, label: { color: token('ink-2'), formatter: '{b}', position: 'insideEndTop' }, data: (spec.lines || []).map((l) => ({ yAxis: l.value, name: l.label })).concat(breakLines(spec)) };
    option.dataZoom = [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: 'ctrl' }];
    return option;
}

/* {unit, items:[{name,value,color,link,note}], max} horizontal bars, in order */
function bars(spec, width) {
    const option = base(spec), items = spec.items.slice().reverse();
    option.xAxis = valueAxis({ min: spec.min === undefined ? 0 : spec.min, splitNumber: width < 420 ? 2 : 4, axisLabel: { color: token('ink-2'), hideOverlap: true, formatter: (v) => value(v, spec.unit) } });
    option.yAxis = categoryAxis({ data: items.map((i) => i.name), axisLine: { show: false }, axisLabel: { color: token('ink'), width: 130, overflow: 'truncate' } });
    option.tooltip.formatter = (p) => tip(p.name, [{ color: p.color, name: spec.label || '', value: value(p.value, spec.unit) }], items[p.dataIndex].note);
    option.series = [{ type: 'bar', barMaxWidth: 16, cursor: 'pointer', data: items.map((i, n) => ({ value: i.value, link: i.link, itemStyle: { color: i.color ? color(i.color) : token('c1'), borderRadius: [0, 3, 3, 0] } })),
        label: { show: true, position: 'right', color: token('ink-2'), formatter: (p) => value(p.value, spec.unit) } }];
    option.grid.right = 56;
    return option;
}

/* {x:{label,words}, y:{label,words}, items:[{name,x,y,size,color,link,note,rows}]} */
function bubble(spec, width) {
    const narrow = width < 620;
    const option = base(spec), most = Math.max(1, ...spec.items.map((i) => i.size || 0));
    const cells = {}, seen = {};
    spec.items.forEach((i) => { const k = i.x + '/' + i.y; cells[k] = (cells[k] || 0) + 1; });
    /* Topics in the same cell stand in a ladder, so that none hides another. */
    const data = spec.items.map((i) => {
        const key = i.x + '/' + i.y, k = cells[key], n = seen[key] = (seen[key] || 0) + 1;
        const dy = k === 1 ? 0 : (0.5 - (n - 0.5) / k) * 0.86, dx = k === 1 ? 0 : (n % 2 ? -0.22 : -0.3);
        const below = narrow && k === 1 ? { position: 'bottom', distance: 1 } : undefined; /* beside it, the next cell begins */
        return { name: i.name, value: [i.x + dx, i.y + dy, i.size], link: i.link, label: below, itemStyle: { color: color(i.color), opacity: 0.82, borderColor: token('paper'), borderWidth: 1.5 }, item: i };
    });
    option.grid = { left: 26, right: narrow ? 64 : 132, top: 12, bottom: 28, containLabel: true };
    const words = (axis) => ({ color: token('ink-2'), customValues: Object.keys(axis.words).map(Number), formatter: (v) => { const w = axis.words[String(Math.round(v))] || ''; return narrow && w.length > 5 ? (/^\d/.test(w) ? w[0] : '\u2013') : w; } });
    option.xAxis = valueAxis(axisName(spec.x.label, { min: spec.x.min, max: spec.x.max, interval: 1, axisLabel: words(spec.x), splitLine: { lineStyle: { color: token('line-2') } } }));
    option.yAxis = valueAxis(axisName(spec.y.label, { min: spec.y.min, max: spec.y.max, interval: 1, nameGap: 34, axisLabel: words(spec.y) }));
    option.tooltip.formatter = (p) => tip(p.name, p.data.item.rows || [], p.data.item.note);
    option.series = [{ type: 'scatter', data, cursor: 'pointer', symbolSize: (v) => 14 + (narrow ? 20 : 46) * Math.sqrt((v[2] || 0) / most),
        label: { show: true, formatter: '{b}', position: 'right', distance: 5, color: token('ink'), fontSize: narrow ? 10 : 11.5, width: narrow ? 78 : 150, overflow: 'truncate' },
        labelLayout: { hideOverlap: true, moveOverlap: 'shiftY' }, emphasis: { scale: 1.08 } }];
    return option;
}

/* {unit, series:[{name,color,points:[[value,probability]]}], lines} */
function scurve(spec) {
    const option = base(spec);
    option.grid.bottom = 24;
    option.xAxis = valueAxis(axisName(spec.label, { scale: true, axisLabel: { color: token('ink-2'), formatter: (v) => short(v) }, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: token('line') } } }));
    option.yAxis = valueAxis({ min: 0, max: 1, interval: 0.25, axisLabel: { color: token('ink-2'), formatter: (v) => value(v, 'share') } });
    option.tooltip.trigger = 'axis';
    option.tooltip.formatter = (items) => items.length ? tip(value(items[0].value[0], spec.unit), items.map((i) => ({ color: i.color, name: i.seriesName, value: value(i.value[1], 'share') })), spec.note) : '';
    option.series = spec.series.map((s, i) => ({ name: s.name, type: 'line', smooth: 0.2, symbol: 'none', data: s.points, lineStyle: { width: 2.25, color: s.color ? color(s.color) : colors()[i % 8] }, itemStyle: { color: s.color ? color(s.color) : colors()[i % 8] },
        markLine: i === 0 ? { silent: true, symbol: 'none', lineStyle: { color: token('red'), type: 'dashed', width: 1.25 }, label: { show: !!spec.zero, formatter: spec.zero || '', color: token('red'), position: 'insideEndTop' }, data: [{ xAxis: 0 }] } : undefined }));
    return option;
}

/* {unit, base, items:[{name,low,high,link}]}: the mean where the input is low, and where it is high */
function tornado(spec, width) {
    const option = base(spec), items = spec.items.slice().reverse(), narrow = width < 420;
    option.xAxis = valueAxis({ scale: true, splitNumber: narrow ? 2 : 4, axisLabel: { color: token('ink-2'), hideOverlap: true, formatter: (v) => short(v) } });
    option.yAxis = categoryAxis({ data: items.map((i) => i.name), axisLine: { show: false }, axisLabel: { color: token('ink'), width: narrow ? 130 : 240, overflow: 'truncate' } });
    option.tooltip.formatter = (p) => tip(items[p.dataIndex].name, [{ color: token('c4'), name: spec.low, value: value(items[p.dataIndex].low, spec.unit) }, { color: token('c1'), name: spec.high, value: value(items[p.dataIndex].high, spec.unit) }]);
    const part = (name, key, c) => ({
        type: 'custom', name, encode: { x: [1, 2], y: 0 }, data: items.map((i, n) => [n, spec.base, i[key]]),
        renderItem: (params, api) => {
            const a = api.coord([api.value(1), api.value(0)]), b = api.coord([api.value(2), api.value(0)]), h = Math.min(16, api.size([0, 1])[1] * 0.6);
            return { type: 'rect', shape: { x: Math.min(a[0], b[0]), y: a[1] - h / 2, width: Math.max(1, Math.abs(b[0] - a[0])), height: h, r: 2 }, style: { fill: c } };
        },
    });
    option.series = [part(spec.low, 'low', token('c4')), part(spec.high, 'high', token('c1'))];
    option.series[0].markLine = { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: token('ink-2') }, data: [{ xAxis: spec.base }] };
    return option;
}

/* {label, unit, bars:[{from,to,count}]}: the share of the trials in each bar */
function histogram(spec) {
    const option = base(spec), trials = spec.bars.reduce((sum, b) => sum + b.count, 0) || 1;
    option.grid.bottom = 24;
    option.xAxis = valueAxis(axisName(spec.label, { scale: true, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: token('line') } }, axisLabel: { color: token('ink-2'), hideOverlap: true, formatter: (v) => short(v) } }));
    option.yAxis = valueAxis({ min: 0, axisLabel: { color: token('ink-2'), formatter: (v) => value(v / trials, 'share') } });
    option.tooltip.formatter = (p) => { const b = spec.bars[p.dataIndex]; return tip(short(b.from) + ' \u2013 ' + short(b.to), [{ name: '', value: number(b.count, 0) }]); };
    option.series = [{ type: 'custom', encode: { x: [0, 1], y: 2 }, data: spec.bars.map((b) => [b.from, b.to, b.count]),
        renderItem: (params, api) => {
            const a = api.coord([api.value(0), api.value(2)]), b = api.coord([api.value(1), 0]);
            return { type: 'rect', shape: { x: a[0] + 0.5, y: a[1], width: Math.max(1, b[0] - a[0] - 1), height: b[1] - a[1] }, style: { fill: api.value(1) <= 0 ? token('c4') : token('c1') } };
        } }];
    return option;
}

/* {points:[[ms,value]], color, unit, line, shade:[{from,to}], breaks} */
function spark(spec) {
    const option = base(spec);
    option.grid = { left: 2, right: 2, top: 4, bottom: 4 };
    option.xAxis = { type: 'time', show: false };
    const low = (v) => (spec.line === undefined || spec.line === null ? v.min : Math.min(v.min, spec.line)), high = (v) => (spec.line === undefined || spec.line === null ? v.max : Math.max(v.max, spec.line));
    option.yAxis = { type: 'value', show: false, min: low, max: high };
    option.tooltip.trigger = 'axis';
    option.tooltip.formatter = (items) => items.length ? tip(when(items[0].value[0]), [{ name: '', value: value(items[0].value[1], spec.unit) }]) : '';
    option.series = [{ type: 'line', data: spec.points, symbol: 'none', lineStyle: { width: 1.75, color: color(spec.color || 'c1') }, areaStyle: { color: color(spec.color || 'c1'), opacity: 0.1, origin: 'start' },
        markArea: spec.shade ? { silent: true, itemStyle: { color: token('red'), opacity: 0.16 }, data: spec.shade.map((s) => [{ xAxis: s.from }, { xAxis: s.to }]) } : undefined }];
    const threshold = spec.line !== undefined && spec.line !== null ? [{ yAxis: spec.line }] : [], broken = breakLines(spec, true);
    if (threshold.length + broken.length)
        option.series[0].markLine = { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: token('red'), type: 'dashed', width: 1 }, data: threshold.concat(broken) };
    return option;
}

/* Places for nodes so that ties are short, nobody stands on another and circles keep together: Fruchterman and
   Reingold 1991, with a pull to the middle of the own circle. Begins on a ring, so the same graph looks the same. */
function places(nodes, ties, w, h, space) {
    const rings = [...new Set(nodes.map((n) => n.circle))], k = Math.sqrt(w * h / nodes.length), seen = {};
    const at = nodes.map((n) => {
        const i = seen[n.circle] = (seen[n.circle] || 0) + 1, a = 2 * Math.PI * rings.indexOf(n.circle) / rings.length, b = 2.399963 * i; /* the golden angle */
        return [w / 2 + w * 0.36 * Math.cos(a) + 7 * Math.sqrt(i) * Math.cos(b), h / 2 + h * 0.36 * Math.sin(a) + 7 * Math.sqrt(i) * Math.sin(b)];
    });
    for (let step = 0, heat = k; step < 320; step++, heat *= 0.985) {
        const move = at.map((p) => [(w / 2 - p[0]) * 0.55 * h / w, (h / 2 - p[1]) * 0.55]), middle = {};
        at.forEach((p, i) => { const m = middle[nodes[i].circle] = middle[nodes[i].circle] || [0, 0, 0]; m[0] += p[0]; m[1] += p[1]; m[2]++; });
        for (let i = 0; i < at.length; i++) {
            const m = middle[nodes[i].circle];
            move[i][0] += (m[0] / m[2] - at[i][0]) * 0.03; move[i][1] += (m[1] / m[2] - at[i][1]) * 0.03;
            for (let j = 0; j < i; j++) {
                const dx = at[i][0] - at[j][0], dy = at[i][1] - at[j][1], d = Math.max(1, Math.hypot(dx, dy)), push = k * k / d / d * 1.6 + (d < space ? (space - d) / d : 0);
                move[i][0] += dx * push; move[i][1] += dy * push; move[j][0] -= dx * push; move[j][1] -= dy * push;
            }
        }
        ties.forEach((t) => {
            const dx = at[t[0]][0] - at[t[1]][0], dy = at[t[0]][1] - at[t[1]][1], pull = Math.hypot(dx, dy) / k * 0.16;
            move[t[0]][0] -= dx * pull; move[t[0]][1] -= dy * pull; move[t[1]][0] += dx * pull; move[t[1]][1] += dy * pull;
        });
        at.forEach((p, i) => { const d = Math.max(1, Math.hypot(...move[i])), far = Math.min(d, heat); p[0] += move[i][0] / d * far; p[1] += move[i][1] / d * far; });
    }
    const xs = at.map((p) => p[0]), ys = at.map((p) => p[1]), x = Math.min(...xs), y = Math.min(...ys);
    const sx = w / Math.max(1, Math.max(...xs) - x), sy = h / Math.max(1, Math.max(...ys) - y);
    return at.map((p) => [(p[0] - x) * sx, (p[1] - y) * sy]);
}

/* {nodes:[{name,size,circle,color,label,heard,link}], ties:[[from,to,weight]], heard}: size 0 to 1 */
function network(spec, width, height) {
    const option = base(spec), narrow = width < 620, nodes = spec.nodes, most = Math.max(1, ...spec.ties.map((t) => t[2]));
    const side = narrow ? 64 : 100, w = width - 24 - side, h = height - 36, at = places(nodes, spec.ties, w, h, narrow ? 9 : 15);
    option.grid = undefined;
    option.tooltip.formatter = (p) => p.dataType === 'edge'
        ? tip(nodes[p.data.from].name + ' \u2192 ' + nodes[p.data.to].name, [{ name: '', value: number(p.data.weight, 0) }])
        : tip(p.data.node.name, [{ color: color(p.data.node.color), name: spec.heard, value: number(p.data.node.heard, 0) }]);
    option.series = [{ type: 'graph', layout: 'none', cursor: 'pointer', left: 24, top: 18, width: w, height: h, edgeSymbol: ['none', 'arrow'], edgeSymbolSize: narrow ? 4 : 5,
        data: nodes.map((n, i) => ({ name: String(i), x: at[i][0], y: at[i][1], link: n.link, node: n, symbolSize: (narrow ? 4 : 6) + (narrow ? 15 : 26) * n.size,
            itemStyle: { color: color(n.color), opacity: 0.9, borderColor: token('paper'), borderWidth: 1 },
            label: { show: n.label && (!narrow || i < 6), position: 'right', distance: 4, formatter: n.name, color: token('ink'), fontSize: narrow ? 10 : 11.5, width: narrow ? 90 : 150, overflow: 'truncate', textBorderColor: token('paper'), textBorderWidth: 2.5 } })),
        links: spec.ties.map((t) => ({ source: t[0], target: t[1], from: t[0], to: t[1], weight: t[2], lineStyle: { width: 0.8 + 2.2 * Math.sqrt(t[2] / most), color: color(nodes[t[1]].color), opacity: 0.4, curveness: 0.12 } })),
        labelLayout: { hideOverlap: true }, emphasis: { focus: 'adjacency', label: { show: true }, lineStyle: { opacity: 0.9 } } }];
    return option;
}

const kinds = { time, bars, bubble, scurve, tornado, histogram, network, spark };

function follow(figure, spec, p) {
    const link = p.data && p.data.link;
    if (link) location.href = link;
    else if (spec.open && p.value && p.value.length) {
        const from = p.value[0];
        location.href = spec.open.replace('{from}', new Date(from).toISOString()).replace('{to}', new Date(from + (spec.step || 864e5)).toISOString());
    }
}

function draw(figure) {
    const island = figure.querySelector('script[type="application/json"]'), canvas = figure.querySelector('.chart-canvas');
    const kind = kinds[figure.dataset.chart];
    if (!island || !canvas || !kind) return;
    let spec;
    try { spec = JSON.parse(island.textContent); } catch (e) { return; }
    const old = drawn.get(canvas);
    if (old) old.dispose();
    const chart = echarts.init(canvas, null, { renderer: 'canvas', locale: lang === 'de' ? 'DE' : 'EN' });
    drawn.set(canvas, chart);
    chart.setOption(kind(spec, canvas.clientWidth, canvas.clientHeight));
    chart.on('click', (p) => follow(figure, spec, p));
    if (spec.open)
        chart.getZr().on('click', (e) => {
            if (e.target) return;
            const at = chart.convertFromPixel({ seriesIndex: 0 }, [e.offsetX, e.offsetY]);
            if (!at) return;
            const step = spec.step || 864e5, points = spec.series[0].points;
            const near = points.reduce((best, q) => (Math.abs(q[0] - at[0]) < Math.abs(best - at[0]) ? q[0] : best), points[0][0]);
            follow(figure, spec, { value: [Math.floor(near / step) * step] });
        });
}

const watcher = new ResizeObserver((entries) => entries.forEach((e) => { const c = drawn.get(e.target); if (c && e.contentRect.width > 0) c.resize(); }));

window.trimtabCharts = function (root) {
    root.querySelectorAll('figure.chart').forEach((figure) => {
        if (figure.dataset.ready) return;
        figure.dataset.ready = '1';
        draw(figure);
        const canvas = figure.querySelector('.chart-canvas');
        if (canvas) watcher.observe(canvas);
        const toggle = figure.querySelector('.chart-toggle');
        if (toggle)
            toggle.addEventListener('click', () => {
                const shown = figure.classList.toggle('show-table');
                toggle.setAttribute('aria-pressed', shown ? 'true' : 'false');
                if (!shown) { const c = drawn.get(canvas); if (c) c.resize(); }
            });
    });
};
// Before a part of the page is replaced: what was drawn in it is given back.
window.trimtabChartsGone = function (root) {
    root.querySelectorAll('.chart-canvas').forEach((canvas) => {
        const chart = drawn.get(canvas);
        if (!chart) return;
        watcher.unobserve(canvas);
        chart.dispose();
        drawn.delete(canvas);
    });
};
// Paper is light whatever the screen is, and waits for no animation.
let printing = false;
matchMedia('print').addEventListener('change', (e) => {
    printing = e.matches;
    document.querySelectorAll('figure.chart').forEach(draw);
});
document.addEventListener('themechange', () => document.querySelectorAll('figure.chart').forEach(draw));
