// main.mjs - sources against peers on loopback: cuts, stalls, repetitions, reordering. Ends with "N passed, N failed".
import { check, finish, same, Trimtab } from './lib.mjs';
import { alerts } from './alert.mjs';
import { feeds } from './feed.mjs';
import { folders } from './folder.mjs';
import { hooks } from './hook.mjs';
import { jetstream } from './jetstream.mjs';
import { mastodon } from './mastodon.mjs';

const all = { feeds, hooks, folders, mastodon, jetstream, alerts };
const wanted = process.argv.slice(2);
for (const [name, test] of Object.entries(all)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const trimtab = new Trimtab();
    try {
        trimtab.workspace('train\ttrain\n');
        await trimtab.serve();
        await test(trimtab);
        same(name + ': serve ends cleanly', await trimtab.stop(), 0);
    } catch (problem) {
        check(name, false, String(problem.stack ?? problem));
    }
    await trimtab.stop('SIGKILL');
    trimtab.remove();
}
finish();
