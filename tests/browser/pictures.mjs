// pictures.mjs - the pictures of the documentation, always as the product is now.
import { mkdirSync } from 'node:fs';
import { home, logIn, open, settle } from './lib.mjs';

const pictures = [
    ['bridge', 'bridge'],
    ['market', 'market'],
    ['query', 'queries/halden-battery'],
    ['topics', 'topics'],
    ['options', 'options'],
    ['comparison', 'versions/compare'],
    ['paper', 'decision/paper'],
    ['steering', 'steering'],
];

export async function takePictures(browser, directory) {
    mkdirSync(directory, { recursive: true });
    const page = await open(browser);
    await logIn(page, 'ida');
    for (const [name, address] of pictures) {
        await page.goto(home + address);
        await settle(page);
        await page.waitForTimeout(900); // charts grow into place
        await page.screenshot({ path: directory + '/' + name + '.png' });
        console.log('ok   ' + directory + '/' + name + '.png');
    }
    await page.context().close();
}
