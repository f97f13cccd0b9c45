// data.mjs - the page of data, for its administrator: a backup with progress, the check, erasing an author with a look
// first; the list of queries tells how far matching again is. Pictures of the pages in four views.
import { spawnSync } from 'node:child_process';
import { api, check, home, logIn, look, open, step } from './lib.mjs';

const { PROGRAM, DATA, SLUG, PASSWORD } = process.env;
const isOpen = (page) => page.waitForFunction(() => window.trimtabLive && window.trimtabLive.isOpen());

function makeAdministrator() {
    const made = spawnSync(PROGRAM, ['account', 'create', 'adelia', '--name', 'Adele Admin', '--workspace', SLUG, '--role', 'admin', '--password-stdin', '--data', DATA], { input: PASSWORD, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
}

async function useData(browser) {
    const page = await open(browser, { live: true });
    await logIn(page, 'adelia');
    await page.goto(home + 'data');
    await isOpen(page);
    await page.fill('#backup-reason', 'before the update');
    await page.press('#backup-reason', 'Enter');
    await page.waitForSelector('#live-backup .operation[role=status]', { timeout: 60000 });
    await page.waitForSelector('#live-backups tbody tr');
    check('data: a backup is made, told without loading', true);
    await page.click('text=Check the data');
    await page.waitForSelector('#live-check .operation[role=status]', { timeout: 60000 });
    check('data: the check finds nothing', /The data is sound/.test(await page.locator('#live-check').innerText()));
    const who = await page.evaluate(async (address) => (await (await fetch(address)).json()).items[0].author, api + 'posts?q=battery');
    await page.fill('#author', '@' + who);
    await Promise.all([page.waitForNavigation(), page.press('#author', 'Enter')]);
    check('erase: who that is', (await page.locator('dl.facts').innerText()).includes(who));
    await page.fill('#reason', 'Request of a test');
    await page.fill('#repeated', 'somebody else');
    await Promise.all([page.waitForNavigation(), page.press('#repeated', 'Enter')]);
    check('erase: not with another name', (await page.locator('#problem').count()) === 1 && (await page.inputValue('#reason')) === 'Request of a test');
    await page.fill('#repeated', who);
    await Promise.all([page.waitForNavigation(), page.press('#repeated', 'Enter')]);
    await page.waitForSelector('#live-erase .operation[role=status]', { timeout: 120000 });
    check('erase: what went where is told without loading', /The author was erased/.test(await page.locator('#live-erase').innerText()));
    const left = await page.evaluate(async (address) => (await (await fetch(address)).json()).items.length, api + 'posts?q=' + encodeURIComponent('author:"' + who + '"'));
    check('erase: no post is left', left === 0);
    check('data: nothing failed meanwhile', page.problems.filter((p) => !/422/.test(p)).length === 0, page.problems[0]);
    await page.context().close();
}

async function matchAgain(browser) {
    const page = await open(browser, { live: true });
    await logIn(page, 'ida');
    await page.goto(home + 'queries');
    await isOpen(page);
    await Promise.all([page.waitForNavigation(), page.click('text=Match stored posts again')]);
    await isOpen(page);
    await page.waitForFunction(() => { const bar = document.querySelector('[data-operation-bar]'); return (bar && bar.value > 0) || document.querySelector('#live-rematch .operation[role=status]'); });
    check('matching again: progress is told', true);
    await page.waitForSelector('#live-rematch .operation[role=status]', { timeout: 120000 });
    check('matching again: the result without loading', /Stored posts were matched again/.test(await page.locator('#live-rematch').innerText()));
    await page.context().close();
}

async function lookAtData(browser, pictures) {
    const views = [
        { width: 1440, theme: 'light', lang: 'en' },
        { width: 390, theme: 'dark', lang: 'en' },
        { width: 1440, theme: 'dark', lang: 'de' },
        { width: 390, theme: 'light', lang: 'de' },
    ];
    for (const view of views) {
        const page = await open(browser, view), name = (part) => part + ' ' + view.width + ' ' + view.theme + ' ' + view.lang;
        const picture = (part) => (pictures ? pictures + '/' + name(part).replaceAll(' ', '-') + '.png' : '');
        await logIn(page, 'adelia');
        const who = await page.evaluate(async (address) => (await (await fetch(address)).json()).items[0].author, api + 'posts?q=battery');
        await look(page, name('data'), home + 'data', '#live-erase .operation', { picture: picture('data') });
        await look(page, name('erase'), home + 'data/erase?author=' + who, '#repeated', { picture: picture('erase') });
        await look(page, name('erase-none'), home + 'data/erase?author=nobody-is-called-that', '#problem', { status: 404, picture: picture('erase-none') });
        await page.context().close();
    }
}

export async function keepData(browser, pictures) {
    await step('an administrator', () => makeAdministrator());
    await step('data', () => useData(browser));
    await step('matching again', () => matchAgain(browser));
    await step('data in four views', () => lookAtData(browser, pictures));
}
