// pages.mjs - opens every page of a running server ($BASE) and looks at it. Started by tests/browser/run.
import { createRequire } from 'node:module';
import { readFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ui = fileURLToPath(new URL('../../ui/package.json', import.meta.url));
const require = createRequire(ui);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const base = process.env.BASE, password = process.env.PASSWORD;
const at = process.argv.indexOf('--pictures');
const pictures = at > 0 ? process.argv[at + 1] : '';

// name, path in the workspace, element that only a finished page has
const pages = [
    ['bridge', 'bridge', '.kpis'], ['market', 'market', 'figure.chart canvas'], ['search', 'search?q=battery', '.post mark'],
    ['search-wrong', 'search?q=(battery', '.badge-error'], ['queries', 'queries', 'table'], ['query', 'queries/halden-battery', '.check-head'],
    ['query-new', 'queries/new', '#text'], ['topics', 'topics', 'figure.chart canvas'], ['topic', 'topics/battery', '.kpis'],
    ['model', 'model', 'h1'], ['potential', 'potential', 'h1'], ['steering', 'steering', '.assumption'], ['assumption', 'steering/battery-calm', 'figure.chart canvas'],
    ['versions', 'versions', '#find'], ['compare', 'versions/compare', 'h1'], ['decision', 'decision', '.gate-list'], ['paper', 'decision/paper', '.paper-foot'],
    ['option-edit', 'edit/option/repair-community', '.fields'], ['ledger', 'ledger', 'table'], ['not-found', 'nothing', '.blank-code'],
];
const views = [[1440, 'light', 'en'], [1440, 'dark', 'de'], [390, 'light', 'de'], [390, 'dark', 'en']];
let passed = 0, failed = 0;
function check(name, ok, why) {
    if (ok) passed++;
    else {
        failed++;
        console.log('FAIL browser ' + name + (why ? ': ' + why : ''));
    }
}

async function logIn(page, account) {
    await page.goto(base + '/login');
    await page.fill('#login', account);
    await page.fill('#password', password);
    await Promise.all([page.waitForURL('**/w/**'), page.click('.login-card button')]);
}

async function violations(page) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
    return found.violations.map((v) => v.id + ' (' + v.nodes[0].target.join(' ') + ')').join(', ');
}

async function look(page, name, path, mark, view, errors) {
    errors.length = 0;
    const answer = await page.goto(base + path);
    await page.waitForSelector(mark, { timeout: 8000, state: 'attached' }).catch(() => check(name, false, 'no ' + mark));
    await page.waitForLoadState('networkidle');
    const expected = answer.status() >= 400 ? 1 : 0; // the browser reports the page's own status as an error
    check(name + ' has no script errors', errors.length <= expected, errors[expected] || errors[0]);
    check(name + ' does not scroll sideways', await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1));
    const bad = await violations(page);
    check(name + ' is accessible', bad === '', bad);
    if (pictures) await page.screenshot({ path: pictures + '/' + name + '.png', fullPage: view[0] !== 1440 });
}

async function walk(browser, view) {
    const [width, theme, lang] = view;
    const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme: theme, locale: lang });
    const page = await context.newPage(), errors = [], suffix = '-' + width + '-' + theme;
    page.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
    page.on('pageerror', (e) => errors.push(e.message));
    await look(page, 'login' + suffix, '/login', '.login-card', view, errors);
    await logIn(page, 'ida');
    for (const [name, path, mark] of pages) await look(page, name + suffix, '/w/halden/' + path, mark, view, errors);
    await context.close();
}

// What scripts add: live check, palette, search key, sorting; and that nothing of it is needed.
async function behave(browser) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' });
    const page = await context.newPage();
    await logIn(page, 'ida');
    await page.goto(base + '/w/halden/queries/new');
    await page.fill('#text', 'battery AND drain OR hot');
    await page.waitForSelector('#check .problems', { timeout: 5000 }).catch(() => {});
    check('a query is checked while it is typed', await page.locator('#check .problems').count() > 0);
    await page.fill('#text', 'battery AND Halden');
    await page.waitForSelector('#check .post mark', { timeout: 8000 }).catch(() => {});
    check('... and shows a sample with marks', await page.locator('#check .post mark').count() > 0);
    await page.goto(base + '/w/halden/topics');
    await page.keyboard.press('/');
    check('the slash key goes to the search', await page.evaluate(() => document.activeElement.id) === 'global-search');
    await page.locator('h1').click();
    await page.keyboard.press('Control+k');
    await page.fill('#palette-input', 'battery');
    await page.waitForSelector('#palette-list li', { timeout: 4000 });
    check('the palette finds pages and objects', await page.locator('#palette-list li').count() > 0);
    await page.keyboard.press('Escape');
    await page.locator('th button', { hasText: 'Options' }).click();
    check('a table sorts', await page.locator('th[aria-sort=ascending]').count() === 1);
    await context.close();

    const plain = await browser.newContext({ javaScriptEnabled: false, locale: 'en' });
    const bare = await plain.newPage();
    await logIn(bare, 'ida');
    await bare.goto(base + '/w/halden/market');
    check('without scripts the chart is a table', await bare.locator('.chart-table').first().isVisible());
    await bare.goto(base + '/w/halden/queries/new');
    await bare.fill('#name', 'bare');
    await bare.fill('#text', '(battery');
    await bare.click('button[value=save]');
    check('... and a refused form keeps what was typed', await bare.inputValue('#text') === '(battery');
    await plain.close();
}

if (pictures) mkdirSync(pictures, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
for (const view of views) await walk(browser, view);
await behave(browser);
await browser.close();
console.log(passed + ' passed, ' + failed + ' failed');
process.exit(failed === 0 ? 0 : 1);
