// feed.mjs - feeds from a server that is cut, stalls, forgets, limits and reorders.
import { check, httpPeer, same, sleep, until } from './lib.mjs';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const item = (n) =>
    `<item><guid isPermaLink="false">item-${n}</guid><title>late train ${n}</title><link>http://example.org/${n}</link>` +
    `<pubDate>${new Date(Date.now() - 3600000 + n * 1000).toUTCString()}</pubDate><description>${escaped('number ' + n + ' <b>late</b>')}</description></item>`;
const rss = (items) =>
    `<?xml version="1.0"?><rss version="2.0"><channel><title>Trains</title><link>http://example.org/</link>${items.map(item).join('')}</channel></rss>`;
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

export async function feeds(trimtab) {
    let mode = 'good';
    let items = range(0, 5);
    let version = 1;
    const peer = await httpPeer((request, response) => {
        const etag = `"v${version}"`;
        if (request.url === '/old') return response.writeHead(301, { Location: '/feed' }).end();
        if (mode === 'cut') return request.socket.destroy();
        if (mode === 'half') {
            const body = rss(items);
            response.writeHead(200, { 'Content-Length': body.length });
            response.write(body.slice(0, body.length / 2));
            return setTimeout(() => request.socket.destroy(), 20);
        }
        if (mode === 'error') return response.writeHead(500).end('broken');
        if (mode === 'limit') return response.writeHead(429, { 'Retry-After': '5' }).end();
        if (mode === 'page') return response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><html><body><p>No feed here</p></body></html>');
        if (mode === 'gone') return response.writeHead(410).end();
        if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
        const body = rss(items);
        response.writeHead(200, { 'Content-Type': 'application/rss+xml', ETag: etag });
        if (mode !== 'slow') return response.end(body);
        let at = 0;
        const drip = setInterval(() => {
            response.write(body.slice(at, (at += 300)));
            if (at >= body.length) {
                clearInterval(drip);
                response.end();
            }
        }, 10);
    });
    const set = (next, list = items) => {
        mode = next;
        if (list !== items) version++;
        items = list;
    };
    const ids = () =>
        trimtab
            .posts('train')
            .map((post) => post.id)
            .sort((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1]));
    const all = (to) => range(0, to).map((n) => 'item-' + n);

    trimtab.add('trains', peer.url('/old'), '--expected', '1s');
    check('feed: what it holds arrives', await until(() => ids().length === 5), trimtab.log);
    same('feed: each once', ids(), all(5));
    check('feed: unchanged is answered by 304', await until(() => peer.asked.filter((a) => a.headers['if-none-match'] === '"v1"').length >= 2));
    check('feed: a permanent redirect is remembered', peer.asked.slice(-2).every((a) => a.url === '/feed'));
    same('feed: it is well', trimtab.source('trains').state, 'well');

    // Reordered, repeated, and new ones at once.
    set('slow', [...range(3, 9).reverse(), 4, 5]);
    check('feed: new ones arrive from a slow body', await until(() => ids().length === 9));
    same('feed: reordered and repeated, each once', ids(), all(9));

    // A cut shorter than what the feed holds: nothing is lost, and the gap is known as filled.
    set('cut');
    check('feed: a cut shows', await until(() => trimtab.source('trains').state === 'unreachable'));
    check('feed: a gap opens', await until(() => trimtab.gaps('trains').some((gap) => gap[1] === 'open')));
    set('half', range(5, 14));
    await sleep(300);
    check('feed: half a body is no contact', trimtab.source('trains').failures > 0);
    set('good');
    check('feed: it catches up', await until(() => ids().length === 14));
    same('feed: nothing lost, nothing twice', ids(), all(14));
    check('feed: the gap is filled', await until(() => trimtab.gaps('trains')[0]?.[3] === 'filled'), trimtab.gaps('trains'));

    // A cut longer than what the feed holds: what fell out is lost, and said to be.
    set('error');
    check('feed: a fault of the server shows', await until(() => trimtab.source('trains').state === 'server_error'));
    check('feed: the second gap opens', await until(() => trimtab.gaps('trains').some((gap) => gap[1] === 'open')));
    set('good', range(20, 25));
    check('feed: it goes on', await until(() => ids().length === 19));
    check('feed: what fell out is a gap', await until(() => trimtab.gaps('trains')[0]?.[3] === 'lost'), trimtab.gaps('trains'));

    // Asked to wait, it waits.
    set('limit');
    check('feed: being limited shows', await until(() => trimtab.source('trains').state === 'rate_limited'));
    const before = peer.asked.length;
    await sleep(1200);
    same('feed: it waits as long as it was asked', peer.asked.length, before);
    set('page');
    check('feed: a page is not taken for a feed', await until(() => trimtab.source('trains').state === 'not_understood'), trimtab.source('trains'));
    set('good');
    check('feed: well again', await until(() => trimtab.source('trains').state === 'well', 15000), trimtab.source('trains'));

    // Gone for good: asked once, then never again.
    set('gone');
    check('feed: 410 switches it off', await until(() => trimtab.source('trains').is_on === false));
    await sleep(400);
    const asked = peer.asked.length;
    await sleep(800);
    same('feed: and it is not asked again', peer.asked.length, asked);

    // Coverage: the hours of the gaps are not whole.
    const source = trimtab.source('trains');
    same('feed: every post counted once', source.posts_new, 19);
    await peer.close();
}
