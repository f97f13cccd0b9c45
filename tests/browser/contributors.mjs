// contributors.mjs - a link is made, opened by somebody without an account, signed, voted and commented by; the answer
// reaches that person. The pages of both sides at both widths, light and dark, in English and German.
import { check, home, logIn, look, open } from './lib.mjs';

const looks = [
    { width: 1440, theme: 'light', lang: 'en' },
    { width: 1440, theme: 'dark', lang: 'de' },
    { width: 390, theme: 'light', lang: 'de' },
    { width: 390, theme: 'dark', lang: 'en' },
];

async function invite(page) {
    await page.goto(home + 'contributions');
    await page.fill('#name', 'Carla Customer');
    await page.check('input[name=object] >> nth=0');
    await page.check('input[name=object][value="topic:battery"]');
    await Promise.all([page.waitForEvent('load'), page.click('#invite .btn-primary')]);
    return page.inputValue('#fresh');
}

async function takePart(browser, link) {
    const page = await open(browser);
    await page.goto(link);
    check('a contributor is asked to sign first', (await page.locator('#signature').count()) === 1 && (await page.locator('.vote').count()) === 0);
    await page.fill('#signature', 'Carla Customer');
    await Promise.all([page.waitForEvent('load'), page.press('#signature', 'Enter')]);
    check('... and then sees what the link names', (await page.locator('.vote').count()) === 2);
    const vote = page.locator('.vote button[value="1"]').first();
    await Promise.all([page.waitForEvent('load'), vote.click()]);
    check('a vote is shown', (await page.locator('.vote button[value="1"][aria-pressed]').count()) === 1);
    const text = page.locator('textarea[name=text]').first();
    await text.fill('Please keep <the> old charger');
    await Promise.all([page.waitForEvent('load'), page.locator('form:has(textarea[name=text]) button').first().click()]);
    check('a comment is shown as typed', (await page.locator('#own').innerText()).includes('Please keep <the> old charger'));
    check('no cookie is left behind', (await page.context().cookies()).length === 0);
    await page.context().close();
}

async function answerIt(page) {
    await page.goto(home + 'contributions');
    await page.click('#said a:has-text("Comment")');
    await page.selectOption('#disposition', 'declined');
    await page.fill('#reason', 'The charger is no longer made');
    await Promise.all([page.waitForURL('**/contributions'), page.click('#main .btn-primary')]);
}

export async function takeContributors(browser, picture = () => '') {
    const page = await open(browser);
    await logIn(page, 'ida');
    const link = await invite(page);
    check('the link is shown once', /\/c\/[\w-]{100,}$/.test(link), link);
    await takePart(browser, link);
    await answerIt(page);
    await page.context().close();
    for (const l of looks) {
        const guest = await open(browser, l);
        const name = l.width + ' ' + l.theme + ' ' + l.lang;
        await look(guest, 'contribute ' + name, link, '#own', { picture: picture('contribute', l) });
        if (l.lang === 'en') check('... the answer is there', (await guest.locator('#own').innerText()).includes('no longer made'));
        await logIn(guest, 'ida');
        await look(guest, 'contributions ' + name, home + 'contributions?show=all', '#people', { picture: picture('contributions', l) });
        await look(guest, 'contribution ' + name, home + 'contributions/1', '#main .card', { picture: picture('contribution', l) });
        await guest.context().close();
    }
    const refused = await open(browser, { width: 390 });
    await refused.goto(link.slice(0, -4) + 'AAAA').catch(() => {});
    check('an altered link says that it does not open', (await refused.locator('.blank h1').innerText()) === 'This link does not open');
    await refused.context().close();
}
