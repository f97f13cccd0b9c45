// pages.mjs - every page in four views: a sighted, a narrow, a dark and a German reader.
import { home, base, look, logIn, open, step } from './lib.mjs';

// name, address in the workspace, element that only a finished page has, what else is expected
export const pages = [
    ['bridge', 'bridge', '.kpis'],
    ['market', 'market', 'figure.chart canvas'],
    ['market-needs', 'market?query=halden-battery&needs=1', '#needs .parts'],
    ['spike', 'spikes/1', '.parts'],
    ['trends', 'trends?days=0', '.trend canvas'],
    ['trends-none', 'trends?days=1&lang=zh', '.empty'],
    ['trend', 'trends/1', 'figure.chart canvas'],
    ['alerts', 'alerts', 'table'],
    ['alert', 'alerts/1', 'figure.chart canvas'],
    ['alert-rule', 'alerts/rules/burst', '#kind'],
    ['alert-rule-new', 'alerts/rules/new?kind=hour', '#kind'],
    ['influence', 'influence?query=halden-battery', 'figure.chart canvas'],
    ['search', 'search?q=battery', '.post mark'],
    ['search-wrong', 'search?q=(battery', '.badge-error', { status: 422 }],
    ['queries', 'queries', 'table'],
    ['query', 'queries/halden-battery', '.check-head'],
    ['query-new', 'queries/new', '#text'],
    ['query-import', 'queries/import', '#foreign'],
    ['query-versions', 'queries/halden-battery/versions', '.query-diff'],
    ['sources', 'sources', 'table'],
    ['source', 'sources/news', '.kpis'],
    ['source-hook', 'sources/crm', '.facts'],
    ['source-new', 'sources/new', '#kind'],
    ['imports', 'imports', '#file'],
    ['setup', 'setup', '#plan'],
    ['model', 'model', 'h1'],
    ['worksheets', 'worksheets', '#levers'],
    ['assessment', 'assessment', '#quadrants'],
    ['potential', 'potential', 'h1'],
    ['benefits', 'benefits', '#possible'],
    ['topics', 'topics', 'figure.chart canvas'],
    ['topic', 'topics/battery', '.kpis'],
    ['options', 'options', '.board'],
    ['options-rate', 'options?open=battery-clinic', '.option-rate[open]'],
    ['options-none', 'options?topic=camera&kind=channel', '.empty'],
    ['version', 'versions/benefit', '.paper-version'],
    ['option-edit', 'edit/option/repair-community', '.fields'],
    ['option-new', 'edit/option/new', '.fields'],
    ['versions', 'versions', '#find'],
    ['contributions', 'contributions', '#people'],
    ['goals', 'goals', 'h1'],
    ['sheets', 'sheets', '.matrix-table'],
    ['sheet-edit', 'edit/sheet/new?version=benefit&component=user_benefit', '.fields'],
    ['evaluation', 'evaluation', '#criteria'],
    ['compare', 'versions/compare', 'h1'],
    ['decision', 'decision', '.gate-list'],
    ['replay', 'decision/replay', '#verdict'],
    ['paper', 'decision/paper', '.paper-version'],
    ['steering', 'steering', '.assumption'],
    ['assumption', 'steering/battery-calm', 'h1'],
    ['ledger', 'ledger', 'table'],
    ['not-found', 'nothing', '.blank-code', { status: 404 }],
];
const views = [
    { width: 1440, theme: 'light', lang: 'en' },
    { width: 390, theme: 'dark', lang: 'en' },
    { width: 1440, theme: 'dark', lang: 'de' },
    { width: 390, theme: 'light', lang: 'de' },
];

async function walk(browser, view, pictures) {
    const page = await open(browser, view);
    const name = (part) => part + ' ' + view.width + ' ' + view.theme + ' ' + view.lang;
    const picture = (part) => (pictures ? pictures + '/' + name(part).replaceAll(' ', '-') + '.png' : '');

    await look(page, name('login'), base + '/login', '.login-card', { picture: picture('login') });
    await logIn(page, 'ida');
    for (const [part, address, mark, expected] of pages)
        await step(name(part), () => look(page, name(part), home + address, mark, { ...expected, picture: picture(part) }));
    await page.context().close();
}

// Two at a time: one page draws while the other is checked.
export async function lookAtAll(browser, pictures) {
    await Promise.all([walk(browser, views[0], pictures), walk(browser, views[1], pictures)]);
    await Promise.all([walk(browser, views[2], pictures), walk(browser, views[3], pictures)]);
}
