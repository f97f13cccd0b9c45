// lib.mjs - a workspace of its own, the program serving it, and peers on loopback that misbehave as told.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;
export const program = process.env.TRIMTAB ?? join(root, 'build/trimtab');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let passed = 0,
    failed = 0;

export function check(name, holds, told = '') {
    if (holds) passed++;
    else {
        failed++;
        console.log('FAIL sources ' + name + (told === '' ? '' : ': ' + (typeof told === 'string' ? told : JSON.stringify(told))));
    }
}
export const same = (name, got, wanted) =>
    check(name, JSON.stringify(got) === JSON.stringify(wanted), 'got ' + JSON.stringify(got) + ', expected ' + JSON.stringify(wanted));
export function finish() {
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
}

// The program on a data directory of its own.
export class Trimtab {
    constructor() {
        this.data = mkdtempSync(join(tmpdir(), 'trimtab-sources-'));
        this.log = '';
    }
    run(args, input) {
        const done = spawnSync(program, [...args, '--data', this.data], { input, encoding: 'utf8' });
        return { code: done.status, out: done.stdout, err: done.stderr };
    }
    must(args, input) {
        const done = this.run(args, input);
        if (done.code !== 0) throw new Error(args.join(' ') + ': ' + done.err);
        return done.out;
    }
    workspace(queries) {
        this.must(['workspace', 'create', 'w', 'W']);
        writeFileSync(join(this.data, 'none.jsonl'), '');
        this.change(queries);
    }
    // Queries by name: new ones are added, others get a new version.
    change(queries) {
        const file = join(this.data, 'queries.tsv');
        writeFileSync(file, queries);
        const none = join(this.data, 'none.jsonl');
        return this.must(['post', 'import', '--workspace', 'w', '--queries', file, '-q', none]);
    }
    // The same without waiting for it.
    changeBeside(queries) {
        const file = join(this.data, 'queries-beside.tsv');
        writeFileSync(file, queries);
        const child = spawn(program, ['post', 'import', '--workspace', 'w', '--queries', file, '-q', join(this.data, 'none.jsonl'), '--data', this.data], { stdio: ['ignore', 'ignore', 'inherit'] });
        this.swapping = new Promise((done) => child.on('exit', done));
    }
    add(name, address, ...flags) {
        return this.must(['source', 'add', name, ...(address ? [address] : []), '--workspace', 'w', ...flags]).trim();
    }
    source(name) {
        return JSON.parse(this.must(['source', 'show', name, '--json', '--workspace', 'w']));
    }
    gaps(name) {
        return this.must(['source', 'show', name, '--workspace', 'w'])
            .split('\n')
            .filter((line) => line.startsWith('gap'))
            .map((line) => line.split('\t').slice(1));
    }
    // Posts that match a query, oldest first.
    posts(query) {
        const out = this.must(['post', 'search', '--workspace', 'w', '--json', '--limit', '1000', query]);
        return out
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line))
            .flatMap((line) => line.posts ?? [line])
            .filter((post) => post.id !== undefined);
    }
    async serve(...flags) {
        this.child = spawn(
            program,
            ['serve', '--listen', '127.0.0.1:0', '--data', this.data, '--allow-private-sources', '--poll-least', '0.2', '--measure-every', '0.5', ...flags],
            { stdio: ['ignore', 'pipe', 'pipe'] },
        );
        this.child.stderr.on('data', (text) => (this.log = (this.log + text).slice(-1000000)));
        this.base = await new Promise((done, fail) => {
            this.child.stdout.on('data', (text) => {
                const found = /http:\S+/.exec(String(text));
                if (found) done(found[0]);
            });
            this.child.on('exit', () => fail(new Error('serve ended: ' + this.log)));
        });
    }
    async stop(signal = 'SIGTERM') {
        if (!this.child) return null;
        const child = this.child;
        this.child = null;
        child.removeAllListeners('exit');
        const ended = new Promise((done) => child.on('exit', (code) => done(code)));
        child.kill(signal);
        return ended;
    }
    remove() {
        rmSync(this.data, { recursive: true, force: true });
    }
}

// True once `holds` is; false after `ms`.
export async function until(holds, ms = 10000) {
    const end = Date.now() + ms;
    for (;;) {
        try {
            if (await holds()) return true;
        } catch (problem) {
            if (Date.now() > end) throw problem;
        }
        if (Date.now() > end) return false;
        await sleep(60);
    }
}

// An HTTP peer: answer(request, response) decides; every request is kept.
export async function httpPeer(answer, port = 0) {
    const asked = [];
    const server = createServer((request, response) => {
        asked.push({ url: request.url, headers: request.headers, at: Date.now() });
        answer(request, response, asked.length);
    });
    await new Promise((done) => server.listen(port, '127.0.0.1', done));
    return {
        asked,
        port: server.address().port,
        url: (path) => `http://127.0.0.1:${server.address().port}${path}`,
        close: () =>
            new Promise((done) => {
                server.closeAllConnections();
                server.close(done);
            }),
    };
}
