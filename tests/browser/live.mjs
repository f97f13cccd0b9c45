// live.mjs - pages that change by themselves: numbers in place, nothing jumps, hidden pages are silent, log-out ends it.
import { base, home, check, logIn, open, step } from './lib.mjs';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { PROGRAM, DATA, SLUG, HOME } = process.env;

function trimtab(...args) {
    const done = spawnSync(PROGRAM, [...args, '--workspace', SLUG, '--data', DATA], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(args.join(' ') + ': ' + done.stderr);
}
const run = Date.now().toString(36);
let posts = 0;
function importPosts(count, text) {
    const file = join(HOME, 'live.jsonl');
    const lines = Array.from({ length: count }, () => JSON.stringify({ id: 'live-' + run + '-' + ++posts, source: 'forum', created_at: new Date().toISOString(), author: 'ann', text: text + ' ' + posts }));
    writeFileSync(file, lines.join('\n') + '\n');
    trimtab('post', 'import', '-q', file);
}
const isOpen = (page) => page.waitForFunction(() => window.trimtabLive && window.trimtabLive.isOpen());

export async function watchLive(browser) {
    const page = await open(browser, { live: true });
    await logIn(page, 'ida');

    await step('live sources', async () => {
        await page.goto(home + 'sources');
        await isOpen(page);
        check('a live page says so', (await page.locator('#live-state.is-on').count()) === 1);
        const before = await page.locator('#live-sources tbody tr').count();
        trimtab('source', 'add', 'live-' + run, '--kind', 'webhook', '--title', 'Live test');
        await page.waitForFunction((n) => document.querySelectorAll('#live-sources table:first-of-type tbody tr').length > n, before);
        check('a new source appears without loading', true);
        check('the change is announced politely', (await page.waitForFunction(() => document.getElementById('live-words').textContent !== '')) !== null);
        check('nothing failed meanwhile', page.problems.length === 0, page.problems[0]);
    });

    await step('live market', async () => {
        await page.goto(home + 'market');
        await isOpen(page);
        const value = page.locator('#live-numbers .kpi-value').first();
        const before = await value.textContent();
        importPosts(40, 'the Halden battery is draining');
        await page.waitForFunction((was) => document.querySelector('#live-numbers .kpi-value').textContent !== was, before, { timeout: 30000 });
        await page.waitForSelector('#live-volume canvas');
        check('numbers and chart of the market follow an import', true);
        check('nobody was scrolled', (await page.evaluate(() => window.scrollY)) === 0);
    });

    await step('live search', async () => {
        await page.goto(home + 'search?q=battery');
        await isOpen(page);
        const first = await page.locator('#live-posts article.post').first().textContent();
        check('the bar waits out of sight', !(await page.locator('.live-bar').isVisible()));
        importPosts(3, 'my Halden battery is draining again');
        await page.waitForSelector('.live-bar:visible', { timeout: 30000 });
        check('the list did not jump', (await page.locator('#live-posts article.post').first().textContent()) === first);
        check('the bar counts', /^3 /.test(await page.locator('.live-bar').textContent()), await page.locator('.live-bar').textContent());
        await page.click('.live-bar');
        check('a press shows them', (await page.locator('#live-posts article.post').first().textContent()).includes('my Halden'));
        check('and hides the bar', !(await page.locator('.live-bar').isVisible()));
    });

    await step('live log-out', async () => {
        await page.goto(home + 'queries');
        await isOpen(page);
        const other = await page.context().newPage(); // the same session in another tab logs out
        await other.goto(home + 'bridge');
        await other.evaluate(() => document.querySelector('form[action="/logout"]').submit());
        await other.waitForURL('**/login*');
        await page.waitForFunction(() => !window.trimtabLive.isOpen(), null, { timeout: 15000 });
        check('a log-out elsewhere ends the stream', true);
    });
    await page.context().close();
}
