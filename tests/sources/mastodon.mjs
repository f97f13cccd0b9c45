// mastodon.mjs - a Mastodon server: stream and pages, cut, stalled, repeated, reordered, edited, deleted, refused.
import { check, httpPeer, same, sleep, until } from './lib.mjs';

export async function mastodon(trimtab) {
    const statuses = []; // what the server has, oldest first
    const streams = new Set();
    let mode = 'good';
    let next = 1000;
    const status = (n, content = `<p>late train ${n}</p>`) => ({
        id: String(n),
        created_at: new Date(Date.now() - 60000 + (n % 1000)).toISOString(),
        edited_at: null,
        content,
        visibility: 'public',
        language: 'en',
        url: `https://example.social/@ann/${n}`,
        uri: `https://example.social/users/ann/statuses/${n}`,
        in_reply_to_id: null,
        in_reply_to_account_id: null,
        reblog: null,
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        tags: [],
        mentions: [],
        media_attachments: [],
        emojis: [],
        account: { id: '7', username: 'ann', acct: 'ann', display_name: 'Ann', url: 'https://example.social/@ann', followers_count: 12 },
    });
    const send = (event, data) => {
        for (const stream of streams) stream.write(`event: ${event}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    };
    const publish = (n = next++) => {
        const made = status(n);
        statuses.push(made);
        statuses.sort((a, b) => a.id - b.id);
        send('update', made);
        return n;
    };
    const peer = await httpPeer((request, response) => {
        const url = new URL(request.url, 'http://peer');
        if (request.headers.authorization !== 'Bearer token-1') return response.writeHead(401).end('{}');
        if (url.pathname === '/api/v1/timelines/public') {
            if (mode === 'down') return request.socket.destroy();
            const after = Number(url.searchParams.get('min_id') ?? 0);
            const limit = Number(url.searchParams.get('limit') ?? 20);
            const later = statuses.filter((s) => Number(s.id) > after);
            // min_id: right behind it; none: the newest. Always newest first.
            const page = after ? later.slice(0, limit) : later.slice(-limit);
            return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(page.reverse()));
        }
        if (url.pathname !== '/api/v1/streaming/public') return response.writeHead(404).end('{}');
        if (mode === 'down') return request.socket.destroy();
        if (mode === 'nostream') return response.writeHead(401).end('{"error":"streaming is for members"}');
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(':)\n');
        if (mode === 'stall') return;
        streams.add(response);
        const beat = setInterval(() => response.write(':thump\n\n'), 300);
        response.on('close', () => {
            clearInterval(beat);
            streams.delete(response);
        });
    });
    const cut = () => {
        for (const stream of streams) stream.destroy();
    };
    const texts = () =>
        trimtab
            .posts('train')
            .map((p) => Number(/(\d+)/.exec(p.text)?.[1] ?? 0))
            .sort((a, b) => a - b);
    const have = (wanted) => until(() => texts().join() === wanted.join());
    const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

    for (let i = 0; i < 5; i++) publish();
    trimtab.must(
        ['source', 'add', 'town', peer.url('/api/v1/timelines/public'), '--kind', 'mastodon', '--expected', '3s', '--secret-stdin', '--workspace', 'w'],
        'token-1\n',
    );
    check('mastodon: what is there arrives', await have(range(1000, 1005)), [texts(), trimtab.source('town')]);
    check('mastodon: the stream is read', await until(() => streams.size === 1));
    for (let i = 0; i < 300; i++) publish();
    check('mastodon: what comes arrives', await have(range(1000, 1305)), texts().length);

    // Repeated and out of order.
    send('update', status(1301));
    send('update', status(1299));
    const late = publish(next + 1);
    publish(next);
    next += 2;
    check('mastodon: reordered and repeated, each once', await have(range(1000, late + 1)), texts().length);

    // Edited, then deleted.
    statuses.find((s) => s.id === '1002').content = '<p>late train 1002 again</p>';
    send('status.update', statuses.find((s) => s.id === '1002'));
    check('mastodon: an edit is taken', await until(() => trimtab.posts('again').length === 1));
    statuses.splice(
        statuses.findIndex((s) => s.id === '1001'),
        1,
    );
    send('delete', '1001');
    check('mastodon: a deletion is honoured', await until(() => !texts().includes(1001)));
    send('update', status(1001));
    await sleep(1500);
    check('mastodon: and not undone by a late copy', !texts().includes(1001));
    const without = (to) => range(1000, to).filter((n) => n !== 1001);

    // A cut: more passes than one page holds; everything is fetched, nothing twice.
    mode = 'down';
    cut();
    check('mastodon: a cut shows', await until(() => trimtab.source('town').state === 'unreachable'));
    for (let i = 0; i < 130; i++) publish();
    check('mastodon: and is a gap', await until(() => trimtab.gaps('town').some((g) => g[1] === 'open'), 15000));
    mode = 'good';
    check('mastodon: what was missed is fetched', await until(() => texts().length === without(next).length, 20000), texts().length);
    same('mastodon: nothing lost, nothing twice', texts(), without(next));
    check('mastodon: the gap is filled', await until(() => trimtab.gaps('town')[0]?.[3] === 'filled'), trimtab.gaps('town'));

    // A stall: connected, and not a byte.
    mode = 'stall';
    cut();
    await until(() => peer.asked.filter((a) => a.url.includes('streaming')).length >= 3);
    publish();
    mode = 'good';
    check('mastodon: a stall is noticed, and what passed is fetched', await until(() => texts().length === without(next).length, 20000), texts().length);

    same('mastodon: every post counted once', trimtab.source('town').posts_new, next - 1000);
    // Killed and started again: it goes on from its cursor.
    await trimtab.stop('SIGKILL');
    for (let i = 0; i < 60; i++) publish();
    await trimtab.serve();
    check('mastodon: after a kill it goes on', await until(() => texts().length === without(next).length, 20000), texts().length);
    same('mastodon: still nothing twice', texts(), without(next));

    // No stream for us: pages.
    mode = 'nostream';
    cut();
    publish();
    check('mastodon: without a stream its pages are read', await until(() => texts().length === without(next).length, 20000));
    publish();
    check('mastodon: again and again', await until(() => texts().length === without(next).length, 20000));
    check('mastodon: no post is counted twice', trimtab.source('town').posts_new <= next - 1000, trimtab.source('town').posts_new);
    await peer.close();
}
