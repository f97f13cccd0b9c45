// hook.mjs - a webhook: signatures, repetitions, refusals, and a kill right after the acknowledgement.
import { createHmac } from 'node:crypto';
import { check, same, until } from './lib.mjs';

export async function hooks(trimtab) {
    const secret = trimtab.add('crm', '', '--kind', 'webhook');
    same('hook: a key is made', secret.length, 43);
    const post = (n, text = 'the train is late') => JSON.stringify({ id: 'h' + n, text, created_at: '2026-11-22T08:00:00Z' });
    const send = async (body, { key = 'k', at = Math.floor(Date.now() / 1000), sign = secret, name = 'crm', headers = {} } = {}) => {
        const signature = 'sha256=' + createHmac('sha256', sign).update(`${at}.${body}`).digest('hex');
        const answer = await fetch(`${trimtab.base}/hook/w/${name}`, {
            method: 'POST',
            body,
            headers: { 'X-Trimtab-Timestamp': String(at), 'X-Trimtab-Signature': signature, 'Idempotency-Key': key, ...headers },
        });
        return { status: answer.status, body: await answer.json().catch(() => ({})) };
    };
    const ids = () =>
        trimtab
            .posts('train')
            .map((p) => p.id)
            .sort();

    same('hook: signed is taken', (await send(post(1) + '\n' + post(2))).status, 202);
    check('hook: and stored', await until(() => ids().join() === 'h1,h2'), trimtab.log);
    same('hook: the same again is known', (await send(post(1) + '\n' + post(2))).status, 202);
    same('hook: the key with another body is refused', (await send(post(3))).status, 409);
    same('hook: a wrong key is refused', (await send(post(3), { key: 'a', sign: 'guess' })).status, 401);
    const now = Math.floor(Date.now() / 1000);
    same('hook: an old one is refused', (await send(post(3), { key: 'b', at: now - 301 })).status, 401);
    same('hook: one of tomorrow is refused', (await send(post(3), { key: 'b', at: now + 302 })).status, 401);
    same('hook: an unknown source answers alike', (await send(post(3), { name: 'other' })).status, 401);
    same('hook: without a key', (await send(post(3), { key: '' })).status, 422);
    const broken = await send('{"id":5', { key: 'c' });
    same('hook: unreadable', broken.status, 422);
    check('hook: ... says why', broken.body.first_rejected?.startsWith('line 1'), broken.body);
    const mixed = await send(post(4) + '\n{"id":"x"}', { key: 'd' });
    same('hook: one good, one bad: taken', [mixed.status, mixed.body.posts, mixed.body.rejected], [202, 1, 1]);
    same('hook: a body beyond the cap', (await send('x'.repeat(9 * 1024 * 1024), { key: 'e' })).status, 413);

    check('hook: each post is counted once', await until(() => trimtab.source('crm').posts_new === 3));
    same('hook: so is the rejected row', trimtab.source('crm').posts_rejected, 1);

    // Acknowledged and killed at once: it is there after the next start.
    const many = Array.from({ length: 40 }, (_, i) => send(post(100 + i), { key: 'many' + i }));
    const answers = await Promise.all(many);
    await trimtab.stop('SIGKILL');
    check('hook: all were acknowledged', answers.every((a) => a.status === 202));
    await trimtab.serve();
    check('hook: what was acknowledged survives a kill', await until(() => ids().length === 43), ids());
    same('hook: and is repeated without effect', (await send(post(100), { key: 'many0' })).status, 202);
    trimtab.must(['source', 'off', 'crm', '--workspace', 'w']);
    same('hook: off is refused', (await send(post(9), { key: 'z' })).status, 409);
    check('hook: no post is counted twice', trimtab.source('crm').posts_new <= 43);
}
