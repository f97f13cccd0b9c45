// archive.mjs - a search is kept as a view, found again by keyboard, shared, renamed and removed.
import { check, home, isSideways, logIn, open, settle, step, violations } from './lib.mjs';

const name = 'Batterie – Ärger mit sehr vielen langen Wörtern im Namen der Ansicht';

async function keep(page) {
    await page.goto(home + 'search?q=battery&days=365&order=relevant');
    await page.click('summary:has-text("Keep as a view")');
    await page.fill('#n-name', name);
    await Promise.all([page.waitForURL('**/search?view=*'), page.press('#n-name', 'Enter')]);
    await settle(page);
    check('views: a kept search opens as it was', (await page.inputValue('#s-q')) === 'battery' && (await page.inputValue('#s-days')) === '365');
    check('views: it stands among the views', (await page.locator('.view-bar .chip[aria-current]').innerText()).includes(name));
}

async function find(page) {
    await page.goto(home + 'bridge');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Batterie Ärger');
    await page.waitForSelector('#palette-list li:has-text("Batterie")');
    await Promise.all([page.waitForURL('**/search?view=*'), page.keyboard.press('Enter')]);
    check('views: the palette opens it', (await page.locator('.post').count()) > 0);
}

async function change(page) {
    await page.fill('#s-q', 'battery lang:de');
    await Promise.all([page.waitForNavigation(), page.press('#s-q', 'Enter')]);
    await Promise.all([page.waitForURL('**/search?view=*'), page.click('button:has-text("Save into")')]);
    check('views: another search is saved into it', (await page.inputValue('#s-q')) === 'battery lang:de');
    await page.click('summary:has-text("Change the view")');
    await page.fill('#v-name', 'Akku');
    await page.check('.menu-list form:has(#v-name) input[name=shared]');
    await Promise.all([page.waitForURL('**/search?view=*'), page.press('#v-name', 'Enter')]);
    check('views: renamed and shared', (await page.locator('.view-bar .chip[aria-current]').innerText()).includes('Akku'));
}

async function pictures(browser, directory) {
    for (const view of [{ width: 1440, theme: 'light', lang: 'en' }, { width: 390, theme: 'dark', lang: 'de' }]) {
        const page = await open(browser, view);
        await logIn(page, 'ida');
        await page.goto(home + 'search?q=battery');
        await page.locator('.view-acts summary').last().click();
        await settle(page);
        check('views: whole at ' + view.width, !(await isSideways(page)), 'scrolls sideways');
        const bad = await violations(page);
        check('views: accessible at ' + view.width, bad === '', bad);
        if (directory) await page.screenshot({ path: directory + '/views-' + view.width + '.png' });
        await page.context().close();
    }
}

// The sample ends long ago: a window that ends now has nothing, and the page says where there is something.
async function emptyWindow(page) {
    await page.goto(home + 'search?q=repair&days=1');
    const empty = page.locator('#live-posts');
    check('an empty window names the last day that fits', /\d{1,2} [A-Z][a-z]{2} \d{4}/.test(await empty.innerText()), await empty.innerText());
    await Promise.all([page.waitForNavigation(), empty.locator('a').click()]);
    check('its link shows that day', (await page.locator('.post').count()) > 0 && new URL(page.url()).searchParams.get('q') === 'repair');
    await page.goto(home + 'search?q=nobodywroteit&days=1');
    check('what is nowhere has no link', (await page.locator('#live-posts a').count()) === 0 && (await page.innerText('#live-posts')).includes('any other'));
}

// A standing query drops inflected forms: both counts stand beside the editor before anything is saved.
async function lostForms(page) {
    await page.goto(home + 'search?q=repair&stems=1');
    await Promise.all([page.waitForNavigation(), page.click('a:has-text("Make it a standing query")')]);
    const counts = (await page.locator('#stems a').allInnerTexts()).map((t) => Number(t.replace(/\D/g, '')));
    check('forms that a standing query drops are told with both counts', counts.length === 2 && counts[0] > counts[1] && counts[1] > 0, counts.join());
    for (const [i, n] of counts.entries()) {
        await page.goto(home + 'queries/new?text=repair&stems=1');
        await Promise.all([page.waitForNavigation(), page.locator('#stems a').nth(i).click()]);
        check('a count opens its posts: ' + n, Number((await page.innerText('#live-posts >> xpath=../div[1]/h2')).split(' post')[0].replace(/\D/g, '')) === n);
    }
    await page.goto(home + 'queries/new?text=repair');
    check('a text without forms says nothing of them', (await page.locator('#stems').count()) === 0);
}

async function remove(page) {
    await page.click('summary:has-text("Change the view")');
    await Promise.all([page.waitForNavigation(), page.click('button:has-text("Remove the view")')]);
    check('views: removed', (await page.locator('.view-bar .chip').count()) === 0);
}

export async function useTheArchive(browser, directory) {
    const page = await open(browser);
    await logIn(page, 'ida');
    await step('views are kept', () => keep(page));
    await step('views are found', () => find(page));
    await step('views are changed', () => change(page));
    await step('views are looked at', () => pictures(browser, directory));
    await step('views are removed', () => remove(page));
    await step('an empty window', () => emptyWindow(page));
    await step('forms of a standing query', () => lostForms(page));
    await page.context().close();
}
