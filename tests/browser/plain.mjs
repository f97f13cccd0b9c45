// plain.mjs - the main forms with JavaScript switched off: they work, and a refused one keeps what was typed.
import { api, check, home, logIn, open } from './lib.mjs';

const likely = '[name="benefit.likely"]';

// By keyboard, as a reader without scripts may; the driver's own wait before a click needs frames that such a page lacks.
async function send(page, button) {
    await button.focus();
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

export async function useWithoutScripts(browser) {
    const page = await open(browser, { scripts: false });
    await logIn(page, 'ida');
    check('without scripts one logs in', page.url().includes('/w/halden/'));

    await page.goto(home + 'market');
    check('without scripts a chart is a table', await page.locator('.chart-table').first().isVisible());

    await page.goto(home + 'market?query=halden-battery');
    await send(page, page.locator('#needs a').first());
    check('without scripts complaint terms are shown when asked', (await page.locator('#needs .parts tbody tr').count()) > 0);

    await page.goto(home + 'queries/new');
    await page.fill('#name', 'bare');
    await page.fill('#text', '(battery AND drain');
    await send(page, page.locator('button[value=save]'));
    check('without scripts a wrong query is refused at its place', (await page.locator('#check .mark-error').count()) > 0);
    check('... and kept as typed', (await page.inputValue('#text')) === '(battery AND drain');
    await page.fill('#text', '(battery AND drain)');
    await send(page, page.locator('button[value=save]'));
    check('... and saved when it is right', page.url().endsWith('/queries/bare'), page.url());

    await page.goto(home + 'edit/option/repair-community');
    await page.fill(likely, 'a lot');
    await send(page, page.locator('#main form').first().locator('button').last());
    check('without scripts a wrong number is marked and kept', (await page.inputValue(likely)) === 'a lot' && (await page.locator(likely + '.is-invalid').count()) === 1);

    for (const kind of ['option', 'topic', 'goal', 'competitor', 'element', 'activity', 'assumption', 'prerequisite', 'framework_condition', 'limit', 'potential', 'team_member', 'change_note']) {
        const list = await (await page.request.get(api + 'objects/' + kind)).json();
        if (list.items.length === 0) continue;
        await page.goto(home + 'edit/' + kind + '/' + encodeURIComponent(list.items[0].object.id));
        await page.fill('[name=change_reason]', 'looked at again');
        await send(page, page.locator('#main .form-end .btn-primary'));
        check('without scripts an unchanged form is taken: ' + kind, (await page.locator('.alert-danger').count()) === 0, (await page.locator('.alert-danger, h1').allInnerTexts()).join(' '));
    }

    await page.goto(home + 'search?q=battery');
    await page.fill('.search-form [name=q]', 'battery AND charg*');
    await send(page, page.locator('.search-form button').first());
    check('without scripts the archive is searched', (await page.locator('.post mark').count()) > 0);
    await page.context().close();
}
