// main.mjs - started by tests/browser/run with $BASE and $PASSWORD.
import { mkdirSync } from 'node:fs';
import { launch, step, tally } from './lib.mjs';
import { readInGerman } from './german.mjs';
import { useTheArchive } from './archive.mjs';
import { labelPosts } from './label.mjs';
import { takeContributors } from './contributors.mjs';
import { keepData } from './data.mjs';
import { lookAtAll, pages } from './pages.mjs';
import { walkFirst } from './first.mjs';
import { watchLive } from './live.mjs';
import { workAsStrategist } from './strategist.mjs';
import { goTheWay } from './way.mjs';
import { useWithoutScripts } from './plain.mjs';
import { takePictures } from './pictures.mjs';

const [flag, directory] = process.argv.slice(2);
if (flag === '--look') mkdirSync(directory, { recursive: true });
const browser = await launch();
if (flag === '--pictures') {
    await takePictures(browser, 'docs/pictures');
    await walkFirst(browser, 'docs/pictures');
} else {
    await lookAtAll(browser, flag === '--look' ? directory : '');
    await step('German', () => readInGerman(browser, pages.map(([, address]) => address)));
    await step('without scripts', () => useWithoutScripts(browser));
    await step('archive', () => useTheArchive(browser, flag === '--look' ? directory : ''));
    await step('labels', () => labelPosts(browser, flag === '--look' ? directory : ''));
    await step('first', () => walkFirst(browser, flag === '--look' ? directory : ''));
    await step('strategist', () => workAsStrategist(browser));
    await step('the way', () => goTheWay(browser));
    await step('contributors', () => takeContributors(browser, (name, l) => (flag === '--look' ? `${directory}/${name}-${l.width}-${l.theme}-${l.lang}.png` : '')));
    await step('live', () => watchLive(browser)); // posts of today: the sample's then lie outside the usual window
    await step('the data', () => keepData(browser, flag === '--look' ? directory : ''));
}
await browser.close();
console.log(tally.passed + ' passed, ' + tally.failed + ' failed');
process.exit(tally.failed === 0 ? 0 : 1);
