// soak.mjs - a Jetstream peer sends posts at a steady rate while the set of queries is changed every minute: memory and
// waiting time over the run. Nothing may be lost but what is counted.
//   tests/sources/soak [minutes [posts a second [queries]]]      2 minutes, 2,000 posts/s, 500 queries
import { readFileSync } from 'node:fs';
import { check, finish, sleep, Trimtab, until } from './lib.mjs';
import { webSocketPeer } from './jetstream.mjs';

const [minutes, rate, queryCount] = [2, 2000, 500].map((usual, i) => Number(process.argv[2 + i] ?? usual));
// 600 words, so that a post of 14 satisfies one query in a thousand: half a mention a post with 500 queries.
const syllables = 'ka lo mi ta re su no vi pe ga'.split(' ');
const words = Array.from({ length: 600 }, (_, i) => syllables[i % 10] + syllables[Math.floor(i / 10) % 10] + syllables[Math.floor(i / 100)] + 'n');
let seed = 1;
const pick = (list) => list[(seed = (seed * 1103515245 + 12345) % 2147483648) % list.length];
const queriesOf = (round) =>
    Array.from({ length: queryCount }, (_, i) => `q${i}\t${words[i % 600]} AND (${words[(i * 7 + 13 * round + 3) % 600]} OR ${words[(i * 11 + 1) % 600]}) NOT x${i}`).join('\n') + '\n';

const trimtab = new Trimtab();
trimtab.workspace(queriesOf(0));
await trimtab.serve('--measure-every', '20', '--log-level', 'debug');
let socket = null;
const peer = await webSocketPeer((opened) => {
    socket = opened;
});
trimtab.add('sky', `ws://127.0.0.1:${peer.port}/subscribe`, '--kind', 'jetstream', '--expected', '1m');
check('soak: it connects', await until(() => socket !== null && !socket.isClosed));
await sleep(300);

const memory = () => {
    const status = readFileSync(`/proc/${trimtab.child.pid}/status`, 'utf8');
    return Number(/RssAnon:\s+(\d+)/.exec(status)[1]) / 1024; // without pages of files, which the system takes back
};
// The cursor tells what lies in the archive: its age is the whole way from the peer to the disk.
const waits = [];
const curve = [];
let sent = 0;
let swaps = 0;
const began = Date.now();
const end = began + minutes * 60000;
let nextSwap = began + 60000 * Math.min(1, minutes / 2);
let nextCurve = began;
let nextLook = began;
while (Date.now() < end) {
    const due = Math.floor(((Date.now() - began) * rate) / 1000) - sent;
    for (let i = 0; i < due; i++, sent++) {
        const now = Date.now();
        const text = Array.from({ length: 14 }, () => pick(words)).join(' ') + ' ' + sent;
        socket.send(
            JSON.stringify({
                did: 'did:plc:' + String(sent % 5000).padStart(24, 'a'),
                time_us: now * 1000 + (sent % 1000),
                kind: 'commit',
                commit: { rev: '3l', operation: 'create', collection: 'app.bsky.feed.post', rkey: 's' + sent, record: { $type: 'app.bsky.feed.post', createdAt: new Date(now).toISOString(), langs: ['en'], text }, cid: 'b' },
            }),
        );
    }
    if (Date.now() >= nextLook && Date.now() < end - 2000) {
        nextLook += 500;
        const source = trimtab.source('sky');
        if (source.cursor !== '') waits.push(Date.now() - Number(source.cursor) / 1000);
    }
    if (Date.now() >= nextCurve) {
        nextCurve += 10000;
        curve.push([Math.round((Date.now() - began) / 1000), memory(), trimtab.source('sky').posts_new]);
        const [at, mib, posts] = curve.at(-1);
        console.log(`${at} s  ${mib.toFixed(1)} MiB  ${posts} posts`);
    }
    if (Date.now() >= nextSwap) {
        nextSwap += 60000;
        swaps++;
        trimtab.changeBeside(queriesOf(swaps));
    }
    await sleep(5);
}
await until(() => trimtab.source('sky').posts_new + trimtab.source('sky').posts_lost >= sent, 30000);
const source = trimtab.source('sky');
const evaluations = [...trimtab.log.matchAll(/source\.measured ms=(\d+)/g)].map((found) => Number(found[1]));
console.log(`evaluations of all measures, spikes and assumptions: ${evaluations.length}, ms: ${evaluations.join(' ')}`);
waits.sort((a, b) => a - b);
const at = (share) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))];
const seconds = (Date.now() - began) / 1000;
console.log(`sent ${sent} posts in ${seconds.toFixed(0)} s, ${(sent / seconds).toFixed(0)}/s; new ${source.posts_new}, rejected ${source.posts_rejected}, lost ${source.posts_lost}; ${swaps} swaps of ${queryCount} queries`);
console.log(`from peer to archive: median ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, worst ${waits.at(-1).toFixed(0)} ms (${waits.length} looks)`);
check('soak: every post is there or counted as lost', source.posts_new + source.posts_lost === sent, [source, sent]);
check('soak: none is lost', source.posts_lost === 0, source.posts_lost);
check('soak: none is refused', source.posts_rejected === 0, source.posts_rejected);
const half = curve.slice(Math.floor(curve.length / 2));
if (half.length > 2) {
    // The directory of identities grows by some bytes a post; anything beyond is a leak.
    const posts = half.at(-1)[2] - half[0][2];
    const grown = (half.at(-1)[1] - half[0][1]) * 1024 * 1024;
    console.log(`second half: ${(grown / Math.max(posts, 1)).toFixed(0)} bytes a post`);
}
check('soak: serve ends cleanly', (await trimtab.stop()) === 0);
await peer.close();
trimtab.remove();
finish();
