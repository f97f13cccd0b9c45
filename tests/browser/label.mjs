// label.mjs - a sample is drawn and judged by keyboard, what that says stands beside the numbers, a word is corrected.
import { check, home, isSideways, logIn, look, open, settle, step } from './lib.mjs';

const query = 'halden-battery';
const good = /\b(love|great|good|thank|fixed|solved|better|happy|gut|super|toll|danke|besser|zufrieden|fantastic|well)/i;
const bad = /\b(drain|hot|bad|broken|dead|worse|awful|disappoint|angry|leer|schlecht|heiß|kaputt|enttäuscht|empty|dies|useless|crash|never again)/i;

function keyFor(text) {
    return bad.test(text) ? '1' : good.test(text) ? '3' : '2';
}
async function press(page, key) {
    await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
}
const progress = (page) => page.locator('.label-progress').getAttribute('value');

async function drawSample(page) {
    await page.goto(home + 'queries/' + query + '/labels');
    check('labels: nothing is claimed before anything is judged', (await page.locator('.kpis').count()) === 0);
    await page.fill('#count', 'many');
    await Promise.all([page.waitForNavigation(), page.click('text=Draw and begin')]);
    check('labels: a sample of no number is refused', (await page.locator('#problem').count()) === 1 && (await page.inputValue('#count')) === 'many');
    await page.fill('#count', '120');
    await Promise.all([page.waitForURL('**/labels/*'), page.click('text=Draw and begin')]);
    check('labels: a draw opens the first post', (await page.locator('.label-card .post').count()) === 1);
}

async function judge(page) {
    check('labels: the words of the query are marked', (await page.locator('.label-card mark').count()) > 0);
    check('labels: what the machine says is not shown before', (await page.locator('.label-card .badge-positive, .label-card .badge-negative').count()) === 0 && (await page.locator('.label-last').count()) === 0);
    const first = await page.locator('.label-card .post-text').first().innerText();
    await press(page, 's');
    check('labels: skipping shows another post', first !== (await page.locator('.label-card .post-text').first().innerText()) && (await progress(page)) === '0');
    await press(page, '2');
    check('labels: a key judges, then the machine is told', (await progress(page)) === '1' && (await page.locator('.label-last').count()) === 1);
    await press(page, 'u');
    check('labels: undo takes it back', (await progress(page)) === '0');
    for (let i = 0; i < 120; i++) {
        const text = (await page.locator('.label-card .post-text').allInnerTexts()).join(' ');
        await press(page, i === 7 ? '4' : i === 9 ? '5' : keyFor(text));
        if ((await page.locator('.label-card').count()) === 0) break;
    }
    check('labels: the skipped post came again', (await progress(page)) === '120' && (await page.locator('text=You have judged all posts').count()) === 1);
}

async function seeResults(page) {
    await page.goto(home + 'queries/' + query + '/labels');
    check('labels: matrix and figures', (await page.locator('.confusion tbody tr').count()) === 3 && (await page.locator('.kpi').count()) === 5);
    await page.goto(home + 'market?query=' + query);
    const words = await page.locator('#measured').innerText();
    check('labels: measured beside the chart', /Measured on \d+ labels/.test(words), words);
    await page.goto(home + 'market?query=brand-corvane');
    check('labels: not measured where nobody judged', /not measured here/.test(await page.locator('#measured').innerText()));
}

async function correct(page) {
    await page.goto(home + 'queries/' + query + '/corrections');
    await page.fill('input[name=term1]', 'battery AND (');
    await Promise.all([page.waitForNavigation(), page.click('text=See what they would change')]);
    check('corrections: a mistake stands at its row', (await page.locator('input[name=term1].is-invalid').count()) === 1);
    await page.fill('input[name=term1]', 'battery');
    await page.selectOption('select[name=mood1]', '1');
    await Promise.all([page.waitForNavigation(), page.click('text=See what they would change')]);
    check('corrections: what would change is told before saving', /posts have another mood/.test(await page.locator('main').innerText()) && (await page.locator('text=not saved').count()) === 1);
    check('corrections: on labels held back', /labels? held back/.test(await page.locator('main').innerText()));
    await page.fill('#reason', 'Test of a wrong one');
    await Promise.all([page.waitForNavigation(), page.click('text=Save as a new version')]);
    check('corrections: saved, stored posts wait', (await page.locator('text=Match the stored posts again').count()) === 1);
    await Promise.all([page.waitForNavigation({ timeout: 120000 }), page.click('text=Match the stored posts again')]);
    const own = page.url(), words = /Stored posts were matched again/;
    check('corrections: the list of queries tells how far it is', own.endsWith('/queries'));
    for (let i = 0; i < 240 && !words.test(await page.locator('body').innerText()); i++) {
        await page.waitForTimeout(500);
        await page.reload();
    }
    check('corrections: ... and what came of it', words.test(await page.locator('body').innerText()));
}

async function lookAtPages(browser, pictures) {
    const parts = [
        ['labels', 'labels', 'table'],
        ['label-query', 'queries/' + query + '/labels', '.confusion'],
        ['label-none', 'queries/brand-corvane/labels', '#count'],
        ['label-walk', 'labels/2', '.label-choices'],
        ['label-done', 'labels/1', '.empty'],
        ['corrections', 'queries/' + query + '/corrections', '.correction-table'],
        ['market-measured', 'market?query=' + query, '#measured .table'],
    ];
    const views = [
        { width: 1440, theme: 'light', lang: 'en' },
        { width: 390, theme: 'dark', lang: 'de' },
    ];
    for (const view of views) {
        const page = await open(browser, view);
        await logIn(page, 'ida');
        for (const [part, address, mark] of parts) {
            const name = part + ' ' + view.width + ' ' + view.theme + ' ' + view.lang;
            await step(name, () => look(page, name, home + address, mark, { picture: pictures ? pictures + '/' + name.replaceAll(' ', '-') + '.png' : '' }));
        }
        await page.context().close();
    }
}

export async function labelPosts(browser, pictures) {
    const page = await open(browser);
    await logIn(page, 'ida');
    await step('labels: draw', () => drawSample(page));
    await step('labels: judge', () => judge(page));
    await step('labels: results', () => seeResults(page));
    await step('labels: another round', async () => {
        await page.goto(home + 'queries/' + query + '/labels');
        await page.check('input[value=stratified]');
        await Promise.all([page.waitForURL('**/labels/*'), page.click('text=Draw and begin')]);
        await press(page, '1');
    });
    await step('labels: pages', () => lookAtPages(browser, pictures));
    await step('corrections', () => correct(page));
    if (pictures) {
        await page.goto(home + 'queries/' + query + '/corrections');
        await settle(page);
        await page.screenshot({ path: pictures + '/corrections-applied.png', fullPage: true });
    }
    await page.goto(home + 'labels/1');
    await Promise.all([page.waitForNavigation(), page.click('text=Close the round')]);
    check('labels: a closed round stays', /closed by/.test(await page.locator('main').innerText()));
    check('labels: nothing sideways', !(await isSideways(page)));
    await page.context().close();
}
