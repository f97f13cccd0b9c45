// lib.mjs - browser, log-in, counting, and the look at one page that every part of the tests shares.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const require = createRequire(fileURLToPath(new URL('../../ui/package.json', import.meta.url)));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const base = process.env.BASE;
export const home = base + '/w/halden/';
export const api = base + '/api/v1/workspaces/halden/';
export const tally = { passed: 0, failed: 0 };

export function check(name, ok, why) {
    if (ok) tally.passed++;
    else tally.failed++;
    console.log((ok ? 'ok   ' : 'FAIL ') + name + (ok || !why ? '' : ': ' + why));
}

// A step that throws (an element that never comes) is one failed check, not the end of the run.
export async function step(name, body) {
    try {
        await body();
    } catch (e) {
        check(name, false, e.message.split('\n').slice(0, 3).join(' '));
    }
}

export function launch() {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
    return chromium.launch({ executablePath: '/usr/bin/chromium', args });
}

// A page of its own profile that remembers script errors and requests to other hosts.
export async function open(browser, { width = 1440, theme = 'light', lang = 'en', scripts = true, scale = 1, live = false, server = base } = {}) {
    const viewport = { width, height: width < 600 ? 844 : 900 };
    const context = await browser.newContext({ viewport, colorScheme: theme, locale: lang, javaScriptEnabled: scripts, deviceScaleFactor: scale });
    // A stream never comes to rest, and most tests wait until the page has.
    if (!live) await context.addInitScript('delete window.EventSource');
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    page.problems = [];
    page.on('console', (m) => { if (m.type() === 'error') page.problems.push(m.text()); });
    page.on('pageerror', (e) => page.problems.push(e.message));
    page.on('request', (r) => { if (!r.url().startsWith(server) && !r.url().startsWith('data:')) page.problems.push('asked for ' + r.url()); });
    return page;
}

export async function logIn(page, account) {
    await page.goto(base + '/login');
    await page.fill('#login', account);
    await page.fill('#password', process.env.PASSWORD);
    await Promise.all([page.waitForURL('**/w/**'), page.press('#password', 'Enter')]);
}

// Charts drawn, nothing under way, no transition half-way (axe would see a colour in between).
export async function settle(page) {
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))));
}

export async function violations(page) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] }));
    return found.violations.map((v) => v.id + ' (' + v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ') + ')').join(', ');
}

export function isSideways(page) {
    return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);
}

// One check each for what a reader would notice; `status` is what the page is expected to answer.
export async function look(page, name, address, mark, { status = 200, picture = '' } = {}) {
    page.problems.length = 0;
    const answer = await page.goto(address);
    await page.waitForSelector(mark, { timeout: 8000, state: 'attached' }).catch(() => {});
    await settle(page);
    const problems = [];
    if (answer.status() !== status) problems.push('status ' + answer.status());
    if ((await page.locator(mark).count()) === 0) problems.push('no ' + mark);
    // the browser itself reports a page whose own status is an error
    const errors = page.problems.filter((p) => status < 400 || !p.startsWith('Failed to load resource'));
    if (errors.length > 0) problems.push(errors[0]);
    if (await isSideways(page)) problems.push('scrolls sideways');
    check(name + ' is whole', problems.length === 0, problems.join('; '));
    const bad = await violations(page);
    check(name + ' is accessible', bad === '', bad);
    if (picture) await page.screenshot({ path: picture, fullPage: true });
}
