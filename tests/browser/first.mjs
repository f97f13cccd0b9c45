// first.mjs - a newcomer's way: an empty workspace, a CSV file of one's own, a first query, an alert. With a directory it
// writes the pictures of docs/first-alert.md on the way.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, open, settle, step, violations } from './lib.mjs';

const PROGRAM = process.env.PROGRAM ?? 'build/trimtab';
const passphrase = 'lamps give light to all';

// Six weeks of what people say about three makers of lamps; on one day the lamps of one begin to smoke. Two rows are
// broken, one heading says nothing.
function survey() {
    const said = ['support never answers, third mail this week', 'I love the new {b} lamp, great light', 'the {b} app crashes again', 'my {b} came late again, and broken', 'happy with {b}, thank you', 'why is {b} so expensive?'];
    const rows = ['Nr,What was said,Date,Author,Likes'];
    let seed = 7;
    const pick = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    const begin = Date.UTC(2026, 9, 1);
    for (let day = 0; day < 42; day++) {
        const count = 14 + pick(10) + (day === 36 ? 150 : 0);
        for (let i = 0; i < count; i++) {
            const smokes = day === 36 && i >= 20;
            const text = smokes ? 'Nordlicht lamp got hot and smokes, take care!' : said[pick(said.length)].replace('{b}', ['Nordlicht', 'Velora', 'Kessler'][pick(3)]);
            rows.push(`${rows.length},"${text}",${new Date(begin + day * 864e5 + pick(864e5)).toISOString()},person${pick(300)},${pick(20)}`);
        }
    }
    rows.splice(30, 0, '9001,"a row without a time",yesterday,ann,1');
    rows.splice(60, 0, '9002,"a row with words for a number",2026-10-03T10:00:00Z,ann,many');
    return rows.join('\n') + '\n';
}

const isSmoke = (text) => /\b0?6 Nov|Nov 0?6\b/.test(text);

async function serve(data) {
    const child = spawn(PROGRAM, ['serve', '--listen', '127.0.0.1:0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
    const address = await new Promise((done) => child.stdout.on('data', (text) => { const m = /(http:\S+)/.exec(String(text)); if (m) done(m[1]); }));
    return { child, address };
}

export async function walkFirst(browser, pictures) {
    const work = mkdtempSync(join(tmpdir(), 'trimtab-first-')), data = join(work, 'data'), file = join(work, 'survey.csv');
    const run = (args, input) => { const done = spawnSync(PROGRAM, [...args, '--data', data], { input, encoding: 'utf8' }); if (done.status !== 0) throw new Error(done.stderr); };
    let number = 0, server;
    writeFileSync(file, survey());
    if (pictures) mkdirSync(pictures, { recursive: true });
    try {
        run(['workspace', 'create', 'lamps', 'Nordlicht']);
        run(['account', 'create', 'ann', '--name', 'Ann', '--workspace', 'lamps', '--role', 'strategist', '--password-stdin'], passphrase);
        server = await serve(data);
        const page = await open(browser, { live: true, server: server.address });
        const home = server.address + '/w/lamps/';
        const look = async (name, full = false, hidden = false) => {
            number++;
            const bad = await violations(page);
            check('first: ' + name + ' is accessible', bad === '', bad);
            if (pictures && !hidden) { await page.waitForTimeout(700); await page.screenshot({ path: join(pictures, `first-${number}-${name}.png`), fullPage: full }); }
        };
        const begun = Date.now();
        await step('first: log-in', async () => {
            await page.goto(server.address + '/login');
            await page.fill('#login', 'ann');
            await page.fill('#password', passphrase);
            await Promise.all([page.waitForURL('**/w/**'), page.press('#password', 'Enter')]);
            check('first: an empty workspace says what to do', await page.locator('.first-steps a.btn-primary').isVisible());
            await look('begin');
        });
        await step('first: the file', async () => {
            await page.click('.first-steps a.btn-primary');
            await page.setInputFiles('#file', file);
            await Promise.all([page.waitForURL('**/imports/*'), page.click('.upload-form button')]);
            check('first: what has no known heading is asked for', await page.locator('.alert-warning').isVisible());
            await page.selectOption('#column-0', 'id');
            await page.selectOption('#column-1', 'text');
            await Promise.all([page.waitForNavigation(), page.click('button[value=save]')]);
            check('first: rows that cannot be read are told with their line', (await page.locator('text=Line 31').count()) > 0);
            check('first: the brand is proposed', (await page.locator('a.chip', { hasText: 'nordlicht' }).count()) === 1);
            await look('file', true);
        });
        await step('first: the query', async () => {
            await page.click('a.chip:has-text("nordlicht")');
            await page.waitForSelector('.check-title');
            check('first: rows of the file are its sample', (await page.locator('.post mark').count()) > 0);
            await look('query');
            await Promise.all([page.waitForURL('**/imports/*'), page.click('button[value=save]')]);
        });
        await step('first: the import', async () => {
            await Promise.all([page.waitForNavigation(), page.click('button[value=import]')]);
            await page.waitForSelector('.counts a', { timeout: 20000 }); // comes by itself
            const matched = Number((await page.locator('.counts a').textContent()).replace(/\D/g, ''));
            check('first: what was matched is counted', matched > 300, String(matched));
            check('first: rejected rows can be had', (await page.locator('a[download]').count()) === 2);
            await look('imported', true);
        });
        await step('first: his own rule', async () => {
            await Promise.all([page.waitForURL('**/alerts/rules/new*'), page.click('.next-steps a:has-text("Set an alert")')]);
            check('first: the rule is about his query', (await page.inputValue('#query')) === 'nordlicht');
            await page.fill('#title', 'Nordlicht is talked about');
            await page.selectOption('#period', 'day');
            await Promise.all([page.waitForNavigation(), page.click('button[value=try]')]);
            await page.waitForSelector('#test canvas');
            const told = await page.locator('#test tbody tr th').allTextContents();
            check('first: the test would have told the smoke', told.some((day) => isSmoke(day)), told.join(' | '));
            await look('rule', true);
            await Promise.all([page.waitForURL('**/alerts'), page.click('button[value=save]')]);
            check('first: what is stored is told at once', (await page.locator('main tbody a[href*="/alerts/"]').count()) > 0);
            await look('alerts');
        });
        await step('first: the alert', async () => {
            const alerts = page.locator('tbody tr', { has: page.locator('.severity') });
            const list = await alerts.allTextContents();
            check('first: the day of the smoke is the one alert', list.length === 1 && isSmoke(list[0]), list.join(' | '));
            await Promise.all([page.waitForURL('**/alerts/*'), alerts.locator('a').first().click()]);
            await page.waitForSelector('figure.chart canvas');
            check('first: it explains itself', /smokes/.test(await page.textContent('.parts')));
            check('first: with the lift and its interval', (await page.locator('.parts .interval').count()) > 3);
            check('first: and the posts behind it', /got hot and smokes/.test(await page.textContent('article.post')));
            await look('alert', true);
            const copies = page.locator('article.post a[href*="/copies?"]').first(), said = Number((await copies.textContent()).replace(/\D/g, ''));
            check('first: what is said by many is shown once', said > 100 && (await page.locator('article.post', { hasText: 'smokes' }).count()) === 1, String(said));
            await Promise.all([page.waitForURL('**/copies?*'), copies.click()]);
            check('first: and its copies open', Number((await page.locator('.card-note').first().textContent()).replace(/\D/g, '')) === said);
            await look('copies', false, true);
        });
        check('first: all of it in less than five minutes', Date.now() - begun < 300000);
        check('first: no script failed', page.problems.length === 0, page.problems[0]);
        await page.context().close();
    } finally {
        if (server) server.child.kill();
        rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }); // the server may still be writing its last words
    }
}
