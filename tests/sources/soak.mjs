// soak.mjs - a Jetstream peer sends posts at a steady rate while the set of queries is changed every minute and the
// stream is cut once: memory and waiting time over the run. Nothing may be lost or counted twice, the cut has to show.
//   tests/sources/soak [minutes [posts a second [queries]]]      2 minutes, 2,000 posts/s, 500 queries
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { check, finish, sleep, Trimtab, until } from './lib.mjs';
import { webSocketPeer } from './jetstream.mjs';

const [minutes, rate, queryCount] = [2, 2000, 500].map((usual, i) => Number(process.argv[2 + i] ?? usual));
const cutSeconds = Math.max(8, Math.min(20, minutes * 6));
// 600 words, so that a post of 14 satisfies one query in a thousand: half a mention a post with 500 queries. Every tenth
// post has a word of its own and a query that never changes: its mentions tell what got lost at a swap or came twice.
const syllables = 'ka lo mi ta re su no vi pe ga'.split(' ');
const words = Array.from({ length: 600 }, (_, i) => syllables[i % 10] + syllables[Math.floor(i / 10) % 10] + syllables[Math.floor(i / 100)] + 'n');
const tracer = 'tracerword';
let seed = 1;
const pick = (list) => list[(seed = (seed * 1103515245 + 12345) % 2147483648) % list.length];
const queriesOf = (round) =>
    `tracer\t${tracer}\n` +
    Array.from({ length: queryCount }, (_, i) => `q${i}\t${words[i % 600]} AND (${words[(i * 7 + 13 * round + 3) % 600]} OR ${words[(i * 11 + 1) % 600]}) NOT x${i}`).join('\n') +
    '\n';

// The peer keeps the events of the last while and sends them again from a cursor, as a real one does.
const kept = [];
let clock = 0; // time_us of the last event: they rise
let live = null;
let isDown = false;
let openings = 0;
const event = (n) => {
    const now = Date.now();
    const text = Array.from({ length: 14 }, () => pick(words)).join(' ') + (n % 10 === 0 ? ` ${tracer} ` : ' ') + n;
    clock = Math.max(clock + 1, now * 1000);
    return JSON.stringify({
        did: 'did:plc:' + String(n % 5000).padStart(24, 'a'),
        time_us: clock,
        kind: 'commit',
        commit: { rev: '3l', operation: 'create', collection: 'app.bsky.feed.post', rkey: 's' + n, record: { $type: 'app.bsky.feed.post', createdAt: new Date(now).toISOString(), langs: ['en'], text }, cid: 'b' },
    });
};
const publish = (text) => {
    kept.push([clock, text]);
    if (kept.length > rate * 240) kept.splice(0, rate * 60);
    if (live && !live.isClosed) live.send(text);
};
const peer = await webSocketPeer((socket) => {
    if (isDown) return false;
    openings++;
    socket.ready = () => {
        const cursor = Number(socket.url.searchParams.get('cursor') ?? 0);
        if (cursor > 0) for (const [at, text] of kept) if (at > cursor) socket.send(text);
        live = socket;
    };
});

const trimtab = new Trimtab();
trimtab.workspace(queriesOf(0));
await trimtab.serve('--measure-every', '20', '--log-level', 'debug');
trimtab.add('sky', `ws://127.0.0.1:${peer.port}/subscribe`, '--kind', 'jetstream', '--expected', '5s');
check('soak: it connects', await until(() => live !== null && !live.isClosed));
await sleep(300);

// Without pages of files, which the system takes back, and without the directory of identities, whose size follows from
// the number of posts ever seen (listen/archive/archive_directory.c: 14 bytes a slot, doubled when three quarters full).
const memory = () => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${trimtab.child.pid}/status`, 'utf8'))[1]) / 1024;
const directory = (posts) => {
    let slots = 4096;
    while (posts * 4 >= slots * 3) slots *= 2;
    return (posts > 0 ? slots * 14 : 0) / 1048576;
};
const ticks = () => {
    const fields = readFileSync(`/proc/${trimtab.child.pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100; // user and system, in hundredths of a second
};
// Least squares with the standard error of the slope. Neighbouring values resemble each other, so the error is widened
// by the correlation of neighbouring residuals (an autoregressive process of the first order).
const slopeOf = (points) => {
    const n = points.length;
    const [mx, my] = [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / n);
    const sxx = points.reduce((sum, p) => sum + (p[0] - mx) ** 2, 0);
    const slope = points.reduce((sum, p) => sum + (p[0] - mx) * (p[1] - my), 0) / sxx;
    const rest = points.map((p) => p[1] - my - slope * (p[0] - mx));
    const squares = rest.reduce((sum, r) => sum + r * r, 0);
    const rho = squares > 0 ? Math.min(0.95, Math.max(0, rest.slice(1).reduce((sum, r, i) => sum + r * rest[i], 0) / squares)) : 0;
    return [slope, 1.96 * Math.sqrt(squares / Math.max(n - 2, 1) / sxx) * Math.sqrt((1 + rho) / (1 - rho))];
};

// The cursor tells what lies in the archive: its age is the whole way from the peer to the disk. While the stream is cut
// and until what was missed has come, it is not counted.
const waits = [];
const curve = [];
const loads = []; // others at work on the machine stretch the waits
let [sent, swaps, longest] = [0, 0, 0];
const began = Date.now();
const end = began + minutes * 60000;
const cutAt = began + minutes * 24000;
let [cutPhase, isCaughtUp] = ['before', true];
let nextSwap = began + 60000 * Math.min(1, minutes / 2);
let nextCurve = began;
let nextLook = began;
while (Date.now() < end) {
    const due = Math.floor(((Date.now() - began) * rate) / 1000) - sent;
    for (let i = 0; i < due; i++, sent++) publish(event(sent));
    const now = Date.now();
    if (now >= nextLook && now < end - 2000) {
        nextLook = now + 500;
        const source = trimtab.source('sky');
        const wait = source.cursor === '' ? 0 : Date.now() - Number(source.cursor) / 1000;
        if (cutPhase === 'after' && !isCaughtUp && source.posts_new > sent - rate) {
            isCaughtUp = true;
            console.log(`${((now - cutAt) / 1000 - cutSeconds).toFixed(1)} s after the peer was back what was missed had come`);
        }
        if (isCaughtUp && source.cursor !== '') waits.push(wait);
        longest = Math.max(longest, wait);
    }
    if (cutPhase === 'before' && now >= cutAt) {
        [cutPhase, isDown, isCaughtUp] = ['cut', true, false];
        live.cut();
        console.log(`${Math.round((now - began) / 1000)} s  cut for ${cutSeconds} s`);
    }
    if (cutPhase === 'cut' && now >= cutAt + cutSeconds * 1000) {
        check('soak: the cut shows as a gap', trimtab.gaps('sky').some((gap) => gap[1] === 'open'), trimtab.gaps('sky'));
        [cutPhase, isDown] = ['after', false];
    }
    if (now >= nextCurve) {
        nextCurve += 10000;
        loads.push(loadavg()[0]);
        curve.push([(now - began) / 60000, memory(), trimtab.source('sky').posts_new]);
        const [at, mib, posts] = curve.at(-1);
        console.log(`${Math.round(at * 60)} s  ${mib.toFixed(1)} MiB, directory ${directory(posts).toFixed(1)}  ${posts} posts`);
    }
    if (now >= nextSwap) {
        nextSwap += 60000;
        swaps++;
        trimtab.changeBeside(queriesOf(swaps));
    }
    await sleep(5);
}
await until(() => trimtab.source('sky').posts_new + trimtab.source('sky').posts_lost >= sent, 60000);
const seconds = (Date.now() - began) / 1000;
const source = trimtab.source('sky');
const traced = Number(trimtab.must(['post', 'search', '--workspace', 'w', '--count', '-q', tracer]));
const evaluations = [...trimtab.log.matchAll(/source\.measured ms=(\d+)/g)].map((found) => Number(found[1]));
console.log(`evaluations of all measures, spikes and assumptions: ${evaluations.length}, ms: ${evaluations.join(' ')}`);
waits.sort((a, b) => a - b);
const at = (share) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))];
console.log(`sent ${sent} posts in ${seconds.toFixed(0)} s, ${(sent / seconds).toFixed(0)}/s; new ${source.posts_new}, rejected ${source.posts_rejected}, lost ${source.posts_lost}; ${swaps} swaps of ${queryCount} queries, ${openings} connections`);
const spent = ticks();
console.log(`serve spent ${spent.toFixed(0)} s of a processor, ${((100 * spent) / seconds).toFixed(0)} % of one; load of the machine ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`);
console.log(`from peer to archive: median ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, worst ${waits.at(-1).toFixed(0)} ms (${waits.length} looks, without the cut; with it ${longest.toFixed(0)} ms)`);
check('soak: every post is there or counted as lost', source.posts_new + source.posts_lost === sent, [source, sent]);
check('soak: none is lost', source.posts_lost === 0, source.posts_lost);
check('soak: none is refused', source.posts_rejected === 0, source.posts_rejected);
check('soak: a query that stays finds every post of its own once', traced === Math.ceil(sent / 10), [traced, sent]);
check('soak: the gap is filled', trimtab.gaps('sky').some((gap) => gap[3] === 'filled'), trimtab.gaps('sky'));
const later = curve.filter(([minute]) => minute > minutes / 4); // behind the start, when buffers find their size
if (later.length > 3) {
    const [raw, rawError] = slopeOf(later);
    const [rest, restError] = slopeOf(later.map(([minute, mib, posts]) => [minute, mib - directory(posts)]));
    console.log(`memory from minute ${(minutes / 4).toFixed(1)} on: ${raw.toFixed(2)} ± ${rawError.toFixed(2)} MiB a minute; without the directory of identities ${rest.toFixed(2)} ± ${restError.toFixed(2)}`);
}
check('soak: serve ends cleanly', (await trimtab.stop()) === 0);
await peer.close();
trimtab.remove();
finish();
