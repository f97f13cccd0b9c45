// jetstream.mjs - a Jetstream server: WebSocket with a cursor; cut, stalled, repeated, reordered, deleted.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { check, same, sleep, until } from './lib.mjs';

// RFC 6455, as much as a server that sends text needs.
export async function webSocketPeer(onOpen) {
    const sockets = new Set();
    const server = createServer((request, response) => response.writeHead(426).end());
    const frame = (opcode, payload) => {
        const size = payload.length;
        const head = size < 126 ? Buffer.from([0x80 | opcode, size]) : Buffer.from([0x80 | opcode, 126, size >> 8, size & 255]);
        return Buffer.concat([head, payload]);
    };
    server.on('upgrade', (request, socket) => {
        const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
        const peer = {
            url: new URL(request.url, 'http://peer'),
            at: Date.now(),
            isDeaf: false,
            send: (text) => socket.write(frame(1, Buffer.from(text))),
            sendRaw: (bytes) => socket.write(bytes),
            cut: () => socket.destroy(),
            frame,
        };
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
            sockets.delete(socket);
            peer.isClosed = true;
        });
        // Control frames of a client are short and masked: a ping wants its pong.
        socket.on('data', (data) => {
            if (peer.isDeaf || (data[0] & 15) !== 9) return;
            const size = data[1] & 127;
            const mask = data.subarray(2, 6);
            socket.write(frame(10, Buffer.from(data.subarray(6, 6 + size).map((byte, i) => byte ^ mask[i % 4]))));
        });
        if (onOpen(peer, socket) === false) return socket.destroy();
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        peer.ready?.();
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return {
        port: server.address().port,
        close: () =>
            new Promise((done) => {
                for (const socket of sockets) socket.destroy();
                server.close(done);
            }),
    };
}

export async function jetstream(trimtab) {
    const events = []; // what the server keeps, in order of time_us
    const asked = [];
    let mode = 'good';
    let live = null;
    let clock = Date.now() * 1000;
    const commit = (n, operation = 'create', text = `late train ${n}`) => ({
        did: 'did:plc:' + String(n % 7).padStart(24, 'a'),
        time_us: (clock += 1000),
        kind: 'commit',
        commit: {
            rev: '3l' + n,
            operation,
            collection: 'app.bsky.feed.post',
            rkey: 'post' + n,
            ...(operation === 'delete'
                ? {}
                : { record: { $type: 'app.bsky.feed.post', createdAt: new Date(clock / 1000).toISOString(), langs: ['en'], text }, cid: 'bafy' + n }),
        },
    });
    const publish = (event) => {
        events.push(event);
        if (live && mode === 'good') live.send(JSON.stringify(event));
    };
    const peer = await webSocketPeer((socket) => {
        asked.push(socket);
        if (mode === 'down') return false;
        live = socket;
        socket.isDeaf = mode === 'stall';
        socket.ready = () => {
            const cursor = Number(socket.url.searchParams.get('cursor') ?? 0);
            if (mode === 'stall' || cursor === 0) return;
            // A replay; where it meets the live stream events come out of order and twice.
            const replay = events.filter((e) => e.time_us > cursor);
            const tail = replay.splice(-4);
            for (const event of [...replay, ...tail.reverse(), ...tail]) socket.send(JSON.stringify(event));
        };
    });
    const numbers = () =>
        trimtab
            .posts('train')
            .map((p) => Number(/(\d+)/.exec(p.text)[1]))
            .sort((a, b) => a - b);
    const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
    let next = 0;
    const burst = (count) => {
        for (let i = 0; i < count; i++) publish(commit(next++));
    };

    trimtab.add('sky', `ws://127.0.0.1:${peer.port}/subscribe?wantedCollections=app.bsky.feed.post`, '--kind', 'jetstream', '--expected', '4s');
    check('jetstream: it connects', await until(() => live !== null), trimtab.log);
    await sleep(200);
    burst(300);
    check('jetstream: what comes arrives', await until(() => numbers().length === 300), [numbers().length, trimtab.source('sky'), trimtab.log.slice(-500)]);
    publish({ did: 'did:plc:a', time_us: (clock += 1000), kind: 'identity', identity: { did: 'did:plc:a', handle: 'a.test', seq: 1, time: new Date().toISOString() } });
    publish({ did: 'did:plc:a', time_us: (clock += 1000), kind: 'account', account: { active: true, did: 'did:plc:a', seq: 2, time: new Date().toISOString() } });
    const long = JSON.stringify(commit(next++)); // in two fragments
    live.sendRaw(Buffer.concat([Buffer.from([0x01, 126, 0, 100]), Buffer.from(long.slice(0, 100))]));
    const rest = Buffer.from(long.slice(100));
    live.sendRaw(Buffer.concat([Buffer.from([0x80, 126, rest.length >> 8, rest.length & 255]), rest]));
    events.push(JSON.parse(long));
    check('jetstream: a message in fragments', await until(() => numbers().length === 301));

    publish(commit(5, 'delete'));
    check('jetstream: a deletion is honoured', await until(() => !numbers().includes(5)));
    const expected = () => range(0, next).filter((n) => n !== 5);

    // A cut: the cursor brings what was missed, the overlap changes nothing.
    mode = 'down';
    live.cut();
    burst(200);
    check('jetstream: a cut shows', await until(() => trimtab.source('sky').state === 'unreachable'));
    check('jetstream: and is a gap', await until(() => trimtab.gaps('sky').some((g) => g[1] === 'open'), 15000));
    mode = 'good';
    check('jetstream: what was missed comes', await until(() => numbers().length === expected().length, 20000), numbers().length);
    same('jetstream: nothing lost, nothing twice', numbers(), expected());
    const last = asked.at(-1);
    check('jetstream: it began before its cursor', Number(last.url.searchParams.get('cursor')) > 0);
    check('jetstream: the filter is kept', last.url.searchParams.get('wantedCollections') === 'app.bsky.feed.post');
    check('jetstream: the gap is filled', await until(() => trimtab.gaps('sky')[0]?.[3] === 'filled'), trimtab.gaps('sky'));

    // Quiet is no failure: pings keep it alive. Deaf is one.
    const before = asked.length;
    await sleep(6000);
    same('jetstream: a quiet stream is left alone', asked.length, before);
    same('jetstream: and is well', trimtab.source('sky').state, 'well');
    live.isDeaf = true;
    mode = 'stall';
    burst(20);
    check('jetstream: a peer that does not answer is left', await until(() => asked.length > before, 20000));
    mode = 'good';
    check('jetstream: and what it held back comes', await until(() => numbers().length === expected().length, 30000), numbers().length);

    same('jetstream: every post counted once', trimtab.source('sky').posts_new, next);
    await trimtab.stop('SIGKILL');
    burst(100);
    await trimtab.serve();
    check('jetstream: after a kill it goes on', await until(() => numbers().length === expected().length, 20000), numbers().length);
    same('jetstream: still nothing twice', numbers(), expected());
    check('jetstream: no post is counted twice', trimtab.source('sky').posts_new <= next, trimtab.source('sky').posts_new);
    await peer.close();
}
