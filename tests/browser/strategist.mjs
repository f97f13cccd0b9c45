// strategist.mjs - a strategist in an empty workspace: the steps of the method by forms alone, what opens a gate and
// what closes it. Wherever the pages leave no way on, this stops.
import { execFileSync } from 'node:child_process';
import { base, check, logIn, open, settle } from './lib.mjs';

const work = base + '/w/fresh/';

function run(...words) {
    execFileSync(process.env.PROGRAM, [...words, '--data', process.env.DATA], { stdio: 'pipe' });
}

const giveRole = (role) => run('account', 'role', 'ida', '--workspace', 'fresh', '--role', role);

// Fills the form of a kind by the names of its fields; true is a ticked box, a list ticks boxes by value.
async function enter(page, address, fields) {
    await page.goto(work + address);
    for (const [name, value] of Object.entries(fields)) {
        const field = page.locator(`[name="${name}"]`).first();
        const type = await field.evaluate((e) => (e.tagName === 'SELECT' ? 'select' : e.type));
        if (Array.isArray(value)) for (const v of value) await page.check(`[name="${name}"][value="${v}"]`);
        else if (type === 'select') await field.selectOption(value);
        else if (type === 'checkbox') await field.setChecked(value);
        else await field.fill(value);
    }
    await Promise.all([page.waitForNavigation(), page.click('main form[method=post] button.btn-primary')]);
    await settle(page);
    const problem = await page.locator('#problem').allTextContents();
    check(`strategist: ${address} is kept`, problem.length === 0, problem.join(' '));
}

async function gate(page, step) {
    await page.goto(work + 'decision');
    return (await page.locator('.gate-list > li').nth(step).getAttribute('class')).replace('gate-', '');
}

async function setUp(page) {
    await enter(page, 'edit/company/new', {
        name: 'Nordlicht Lamps', industry: 'Lamps', direction: 'bottom_up', direction_reason: 'The whole potential is wanted.',
    });
    await enter(page, 'edit/company/company', { industry: 'Lamps and light' });
    await page.goto(work + 'edit/company/company');
    check('strategist: the company is changed', (await page.inputValue('[name=industry]')) === 'Lamps and light');
    check('strategist: gate 0 waits for the market', (await gate(page, 0)) === 'open');
    await enter(page, 'edit/team_member/new', { name: 'Kim Berg', constituency: 'customer' });
    await enter(page, 'edit/team_member/new', { name: 'Lo Dahl', constituency: 'partner' });
    check('strategist: gate 0 is met', (await gate(page, 0)) === 'met');
    await enter(page, 'edit/plan_step/1', { owner: 'Kim Berg', from: '2026-12-01', until: '2026-12-31', state: 'running' });
    await page.goto(work + 'setup');
    check('strategist: the plan has an owner', (await page.locator('#plan tbody tr').nth(1).innerText()).includes('Kim Berg'));
}

async function describeCompany(page) {
    check('strategist: gate 1 is not met by nothing', (await gate(page, 1)) === 'open');
    for (const [block, text] of [['customer_segments', 'Night workers'], ['value_propositions', 'Lamps'], ['customer_relationships', 'Advice'], ['channels', 'Shop']])
        await enter(page, `edit/element/new?block=${block}`, { text });
    await enter(page, 'edit/goal/new', { text: 'Sell more lamps', measure: 'lamps', target: '900', due: '2027-12-31', owner: 'Sales' });
    check('strategist: gate 1 is met', (await gate(page, 1)) === 'met');
    await enter(page, 'edit/need/new?element=lamps', { text: 'To read at night' });
    await enter(page, 'edit/element/new?block=customer_segments', { text: 'Readers' });
    await page.goto(work + 'worksheets');
    check('strategist: two segments are to be judged', (await page.locator('a.fit').count()) === 1);
    await page.click('a.fit');
    await page.selectOption('[name=fit]', 'compatible');
    await Promise.all([page.waitForNavigation(), page.click('main form[method=post] button.btn-primary')]);
    check('strategist: ... and are', (await page.locator('a.fit-compatible').count()) === 1);
    await enter(page, 'edit/competitor/new', { name: 'Glow', kinds: ['performance'] });
}

async function assess(page) {
    await enter(page, 'edit/assessment/new', { year: '2026', objectives: 'Who speaks of light?' });
    for (const quadrant of ['customers', 'brand', 'partners', 'competition']) {
        await enter(page, `edit/quadrant/new?quadrant=${quadrant}`, { assessment: '2026', quadrant, is_complete: true });
        await enter(page, `edit/finding/new?quadrant=${quadrant}`, { assessment: '2026', quadrant, statement: `Seen: ${quadrant}`, evidence: 'https://example.org/post' });
    }
    await enter(page, 'edit/swot_item/new?letter=opportunity', { assessment: '2026', statement: 'Nobody speaks of warm light', findings: ['seen-customers'] });
    await enter(page, 'edit/recommendation/new', { assessment: '2026', statement: 'Speak of warm light', swot: ['nobody-speaks-of-warm-light'] });
    check('strategist: gate 2 waits for the conclusion', (await gate(page, 2)) === 'open');
    await enter(page, 'edit/assessment/2026', { conclusion: 'proceed', conclusion_reason: 'All four agree.' });
    check('strategist: gate 2 is met', (await gate(page, 2)) === 'met');
}

async function waive(page) {
    check('strategist: gate 3 is open', (await gate(page, 3)) === 'open');
    await page.click('.gate-list > li:nth-child(4) a[href*="edit/waiver/3"]');
    await page.fill('[name=reason]', 'The catalogue is worked through next month.');
    await Promise.all([page.waitForNavigation(), page.click('main form[method=post] button.btn-primary')]);
    check('strategist: gate 3 is waived with its reason', (await gate(page, 3)) === 'waived' && (await page.locator('.gate-list .gate-waived').textContent()).includes('next month'));
}

async function findTopics(page) {
    check('strategist: gate 4 is not met by nothing', (await gate(page, 4)) === 'open');
    await enter(page, 'edit/topic/new', { name: 'Light', size: 'basic', priority: 'B', origins: ['market'] });
    await enter(page, 'edit/topic/new', { name: 'Warm light', parent: 'light', priority: 'A', origins: ['market', 'glow'], no_competitor_found: true });
    await enter(page, 'edit/option/new?topic=warm-light', { name: 'Light school', kind: 'user_benefit', 'benefit.low': '1', 'benefit.likely': '2', 'benefit.high': '3' });
    await enter(page, 'edit/version/new', { name: 'By hand', focus: 'own', 'options.0.option': 'light-school', 'options.0.reason': 'It leads.' });
    await page.goto(work + 'edit/version/by-hand');
    check('strategist: the version holds what was chosen', (await page.inputValue('[name="options.0.option"]')) === 'light-school' && (await page.isChecked('[name="options.0.is_chosen"]')));
}

async function workOut(page) {
    const core = ['topics', 'user_benefit', 'corporate_benefit', 'usage_format', 'participation', 'motivation', 'channel'];
    const isOpen = async (state) => {
        await page.goto(work + 'sheets?version=by-hand');
        await page.locator('#state summary').click();
        return page.locator(`#state input[value=${state}]`).isEnabled();
    };
    check('strategist: a version without sheets stays an idea', !(await isOpen('core_drafted')));
    for (const component of core) await enter(page, `edit/sheet/new?version=by-hand&component=${component}`, { definition: 'What it is.', 'reactions.0.text': 'Copies it' });
    check('strategist: with seven sheets its core can be called drafted', await isOpen('core_drafted'));
    check('strategist: ... and nothing more', !(await page.locator('#state input[value=evaluated]').isEnabled()));
    await page.check('#state input[value=core_drafted]');
    await page.fill('#state-reason', 'The core is written.');
    await Promise.all([page.waitForNavigation(), page.click('#state button')]);
    check('strategist: the state is kept', (await page.locator('#state input[value=core_drafted]').isChecked()));
    await enter(page, 'edit/interaction/new?version=by-hand&first=channel&second=topics', { value: '-2', note: 'The channel pulls elsewhere' });
    check('strategist: a conflict stands in the matrix', (await page.locator('.pair-conflict').count()) === 1);
    await enter(page, 'edit/strategy_goal/new?version=by-hand&goal=sell-more-lamps', { text: 'Lead in warm light', topic: 'warm-light', standing: 'leading' });
    check('strategist: one comes back to the goals of the version', page.url().includes('goals?version=by-hand'));
    await enter(page, 'edit/evaluation/new?version=by-hand&criterion=coherence', { assessment: 'It hangs together.', judgement: 'strong' });
    check('strategist: the judgement stands side by side', (await page.locator('#thin .badge-judged-strong').count()) === 1);
}

export async function workAsStrategist(browser) {
    const page = await open(browser);
    await logIn(page, 'ida');
    run('workspace', 'create', 'fresh', 'Fresh start');
    giveRole('strategist');
    await setUp(page);
    await describeCompany(page);
    await assess(page);
    await waive(page);
    await findTopics(page);
    await workOut(page);
    check('strategist: no script error', page.problems.length === 0, page.problems.join('; '));
    await page.context().close();
    giveRole('none'); // others land in their one workspace after logging in
}
