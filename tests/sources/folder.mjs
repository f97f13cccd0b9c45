// folder.mjs - a watched folder: half-written files, repetitions, packed ones, and what is no post.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, same, sleep, until } from './lib.mjs';

export async function folders(trimtab) {
    const inbox = join(trimtab.data, 'workspaces/w/inbox/exports');
    mkdirSync(inbox, { recursive: true });
    const line = (n) => JSON.stringify({ id: 'f' + n, text: 'late train', created_at: '2026-11-22T08:00:00Z' }) + '\n';
    const ids = () =>
        trimtab
            .posts('train')
            .map((p) => p.id)
            .sort();

    trimtab.add('exports', inbox, '--kind', 'folder');
    writeFileSync(join(inbox, '1.jsonl'), line(1) + line(2));
    check('folder: a file is read', await until(() => ids().join() === 'f1,f2'), trimtab.log);
    const isMoved = () => existsSync(join(inbox, 'done/1.jsonl')) && !existsSync(join(inbox, '1.jsonl'));
    check('folder: and moved', await until(isMoved)); // once its posts are safe

    // Written slowly: not before it is whole.
    for (let i = 0; i < 5; i++) {
        writeFileSync(join(inbox, '2.jsonl'), line(3).slice(0, 20 + i));
        await sleep(600);
        check('folder: a file being written is left alone', existsSync(join(inbox, '2.jsonl')));
    }
    writeFileSync(join(inbox, '2.jsonl'), line(3) + line(4));
    check('folder: then read whole', await until(() => ids().join() === 'f1,f2,f3,f4'));
    same('folder: nothing was rejected', trimtab.source('exports').posts_rejected, 0);

    writeFileSync(join(inbox, '3.part'), line(5));
    writeFileSync(join(inbox, 'again.jsonl'), line(1) + line(2));
    writeFileSync(join(inbox, 'packed.jsonl.gz'), gzipSync(line(6)));
    check('folder: packed ones too', await until(() => ids().includes('f6')));
    check('folder: the same contents are moved, not read', await until(() => existsSync(join(inbox, 'done/again.jsonl'))));
    check('folder: .part is left alone', existsSync(join(inbox, '3.part')) && !ids().includes('f5'));
    renameSync(join(inbox, '3.part'), join(inbox, '3.jsonl'));
    check('folder: until it is renamed', await until(() => ids().includes('f5')));

    writeFileSync(join(inbox, 'picture.jsonl'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]));
    check('folder: what is no post goes to failed/', await until(() => existsSync(join(inbox, 'failed/picture.jsonl'))));
    check('folder: and shows', await until(() => trimtab.source('exports').state === 'not_understood'), trimtab.source('exports'));
    writeFileSync(join(inbox, '4.jsonl'), line(7));
    check('folder: it goes on', await until(() => ids().includes('f7')));
    check('folder: well again', await until(() => trimtab.source('exports').state === 'well'));
    same('folder: each post once', trimtab.source('exports').posts_new, 7);

    // A folder elsewhere is not for whoever may edit sources.
    const outside = mkdtempSync(join(tmpdir(), 'trimtab-outside-'));
    writeFileSync(join(outside, 'x.jsonl'), line(8));
    trimtab.add('outside', outside, '--kind', 'folder');
    check('folder: others may not be read', await until(() => trimtab.source('outside').state === 'not_allowed'));
    await sleep(2500);
    same('folder: nor changed', readdirSync(outside), ['x.jsonl']);
    rmSync(outside, { recursive: true });
    trimtab.add('nowhere', '/no/such/folder', '--kind', 'folder');
    check('folder: one that is absent shows', await until(() => trimtab.source('nowhere').state === 'not_found'));
}
