// alert.mjs - an alert on the live path: a post comes by a source, minutes and hours are measured, the rule judges, one alert is
// raised, open pages hear of it and the page explains it; a flood that goes on stays one event; a quiet rule stays quiet.
import { createHmac } from 'node:crypto';
import { check, same, until } from './lib.mjs';

const hour = 3600e3;

export async function alerts(trimtab) {
    trimtab.must(['account', 'create', 'ann', '--name', 'Ann', '--workspace', 'w', '--role', 'strategist', '--password-stdin'], 'trains are late again');
    const secret = trimtab.add('crm', '', '--kind', 'webhook');
    let delivery = 0;
    const send = async (posts) => {
        const body = posts.map((p) => JSON.stringify(p)).join('\n'), at = Math.floor(Date.now() / 1000);
        const signature = 'sha256=' + createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
        const headers = { 'X-Trimtab-Timestamp': String(at), 'X-Trimtab-Signature': signature, 'Idempotency-Key': 'd' + ++delivery };
        return (await fetch(`${trimtab.base}/hook/w/crm`, { method: 'POST', body, headers })).status;
    };
    const raised = () => trimtab.must(['alert', 'raised', '--workspace', 'w', '--json']).split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const jar = await fetch(trimtab.base + '/login', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ login: 'ann', password: 'trains are late again' }) });
    const cookie = (jar.headers.getSetCookie?.() ?? [jar.headers.get('set-cookie')]).map((c) => c.split(';')[0]).join('; ');
    const page = async (path) => (await fetch(trimtab.base + path, { headers: { Cookie: cookie } })).text();

    // Two weeks of what is usual: one or two posts an hour.
    const now = Math.floor(Date.now() / hour) * hour, usual = [];
    for (let h = 14 * 24; h > 0; h--)
        for (let i = 0; i <= h % 2; i++) usual.push({ id: `u${h}-${i}`, text: `my train is on time, ${h} ${i}`, created_at: new Date(now - h * hour + i * 60e3).toISOString(), author: 'p' + (h % 40) });
    same('alert: what is usual is taken', await send(usual), 202);
    check('alert: and measured', await until(() => trimtab.posts('train').length === usual.length, 20000));
    trimtab.must(['alert', 'add', 'burst', '--workspace', 'w', '--query', 'train', '--period', 'hour', '--title', 'Trains are talked about']);
    trimtab.must(['alert', 'add', 'mood', '--workspace', 'w', '--query', 'train', '--kind', 'crossing', '--period', 'hour']);
    same('alert: what was known raises nothing', raised().length, 0);

    // An open page hears of what comes.
    const stop = new AbortController(), stream = { text: '' };
    const open = await fetch(trimtab.base + '/w/w/live', { headers: { Cookie: cookie }, signal: stop.signal });
    same('alert: a page is open', open.status, 200);
    (async () => { for await (const part of open.body) stream.text += Buffer.from(part).toString(); })().catch(() => {});

    const begun = new Date().toISOString(); // one hour for all of it, however late the test runs in it
    const flood = (from, count) => Array.from({ length: count }, (_, i) => ({ id: `f${from + i}`, text: `the train derailed near the bridge, photo ${from + i}`, created_at: begun, author: 'w' + (i % 30) }));
    const sent = Date.now();
    same('alert: the flood is taken', await send(flood(0, 80)), 202);
    check('alert: one alert is raised', await until(() => raised().length === 1, 30000), trimtab.log.slice(-2000));
    check('alert: within half a minute', Date.now() - sent < 30000);
    const [alert] = raised();
    same('alert: by the rule of counts', alert?.rule, 'burst');
    check('alert: open pages are told', await until(() => /event: alerts/.test(stream.text), 10000), stream.text.slice(-500));
    check('alert: the live list has it', /Trains are talked about/.test(await page('/w/w/alerts')));
    const shown = await page('/w/w/alerts/' + alert?.id);
    check('alert: its page explains it', /derailed/.test(shown) && /What makes the difference/.test(shown));
    check('alert: a flood of one text is one example', /and \d+ copies/.test(shown));
    const minutes = JSON.parse(await page('/api/v1/workspaces/w/signals/query:1:mentions:minute/points'));
    check('alert: minutes were measured', (minutes.items ?? minutes.points ?? []).some((p) => p.value >= 40), JSON.stringify(minutes).slice(0, 300));

    same('alert: the flood goes on', await send(flood(80, 20)), 202);
    check('alert: ...', await until(() => trimtab.posts('derailed').length === 100, 20000));
    check('alert: it stays one event', await until(() => raised()[0]?.observed >= 100, 20000) && raised().length === 1, raised());
    stop.abort();
}
