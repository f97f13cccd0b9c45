// german.mjs - German pages hold no English. Every kind of page is read in both languages; what a German page shows is
// compared with its English counterpart: a text that reads the same in both, or that has an English word of grammar in
// it, is a message that nobody translated. Left out is what people wrote: the company's own document, the words and
// names of posts, and the few words that both languages share.
import { readFileSync, readdirSync } from 'node:fs';
import { api, base, check, home, logIn, open } from './lib.mjs';

const PAGES_MOST = 130, OF_A_KIND = 2;

// The same word in both languages, an abbreviation, a name of ours or of a thing outside; and the codes of the method.
const shared = new Set(`
    Trimtab English Deutsch CLI cli Name Text Format Feed Webhook Element Team Partner Information Motivation Position Option
    Options Simulation Alternative Chance Management IT Quadrant Quadranten Segment Segmente Phase SMART Version Trend Trends System Import Export Alarm Status Lift ms n v
    neutral Neutral in Links GEXF CSV PDF OPML RSS JSON API HMAC EUR Mastodon Bluesky Jetstream Median Z Poisson Sigma
    en de fr es it pt nl pl ru uk tr ar hi ja ko zh
`.split(/\s+/).filter(Boolean));
// Words of grammar that no German sentence has; capitals are operators of the query language.
const grammar = /\b(the|of|and|is|are|with|from|by|not|has|have|had|this|that|these|those|which|their|its|it|be|been|than|to|for|no)\b/;
// What stands there in the language of whoever wrote it: posts and their words, names, identifiers, code.
const content = '.post-text, .post-author, .terms, .story, [translate=no], body [lang], code, pre, style, kbd, textarea, input, svg, .avatar-letters, option[value=""], select[name=lang] option';

// Runs in the page: fetches another one and answers its visible texts and the addresses it links to.
async function read([address, content]) {
    const answer = await fetch(address, { headers: { Accept: 'text/html' } });
    if (!/html/.test(answer.headers.get('content-type') ?? '')) return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const links = [...page.querySelectorAll('a[href], [hx-get]')].map((e) => new URL(e.getAttribute('href') ?? e.getAttribute('hx-get'), address).href);
    const texts = [], names = [...page.querySelectorAll('[translate=no]')].map((e) => e.textContent.replace(/\s+/g, ' ').trim());
    for (const e of page.querySelectorAll('[title], [aria-label], [placeholder], [alt]'))
        if (!e.closest(content.replace(', input', '').replace(', textarea', '')))
            for (const name of ['title', 'aria-label', 'placeholder', 'alt']) if (e.hasAttribute(name)) texts.push(e.getAttribute(name));
    const dig = (value) => {
        if (typeof value === 'string') { if (!/^[a-z_-]+:?$|^[A-Z]+\($|^\//.test(value)) texts.push(value); } // else: a name that the script looks up, a word of the query language, an address
        else if (value && typeof value === 'object') for (const v of Object.values(value)) dig(v);
    };
    for (const e of page.querySelectorAll('script[type="application/json"]')) dig(JSON.parse(e.textContent || 'null'));
    for (const e of page.querySelectorAll('script, title, ' + content)) e.remove();
    const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.nodeValue);
    return { texts: texts.map((t) => t.replace(/\s+/g, ' ').trim()).filter((t) => /[A-Za-z]{2}/.test(t)), names, links };
}

async function reader(browser, lang) {
    const page = await open(browser, { lang });
    await logIn(page, 'ida');
    await page.goto(base + '/w/halden/nothing');
    return { page, read: (address) => page.evaluate(read, [address, content]) };
}

function strings(value, out) {
    if (typeof value === 'string') out.add(value.replace(/\s+/g, ' ').trim());
    else if (value && typeof value === 'object') for (const v of Object.values(value)) strings(v, out);
}

// The company's texts: the sample's files, the strategy as it stands now (found alternatives are worded in the language
// of whoever had them found), its queries and sources.
async function ownTexts(page) {
    const own = new Set(['Zebra stripes are talked about', 'Our share of voice', 'burst', 'lead', 'quiet', 'News Handset', 'Service desk', 'micro', 'forum', 'system', 'ida', 'board']);
    for (const file of readdirSync('samples/halden').filter((f) => f.endsWith('.json'))) strings(JSON.parse(readFileSync('samples/halden/' + file, 'utf8')), own);
    for (const row of readFileSync('samples/halden/queries.tsv', 'utf8').split(/[\t\n]/)) own.add(row.trim());
    for (const part of ['strategy', 'queries', 'sources', 'decision'])
        strings(await page.evaluate((address) => fetch(address).then((a) => (a.ok ? a.json() : {})), api + part), own);
    return [...own];
}

// Longest first, so that no part of one is left over.
const longestFirst = (texts) => texts.filter((t) => t.length > 2).sort((a, b) => b.length - a.length);

const plain = (text) => text.replace(/[^\p{L}'’ ]+/gu, ' ').replace(/\s+/g, ' ').trim();

function isEnglish(text, english, own) {
    if (plain(text).split(' ').every((w) => w.length < 2 || shared.has(w))) return false;
    let rest = text;
    for (const t of own) if (rest.includes(t)) rest = rest.replaceAll(t, ' ');
    rest = rest.replace(/„[^“]*“|\S*[/@_=#]\S*|\b[a-z]+(-[a-z0-9]+)+\b/g, ' '); // what is quoted; addresses, handles, codes
    const words = plain(rest).split(' ').filter((w) => w.length > 1 && !shared.has(w));
    if (words.length === 0) return false;
    return grammar.test(words.join(' ')) || english.has(plain(text));
}

const kind = (url) => url.pathname.replace(/\/(?!new)[^/]*\d[^/]*/g, '/#').split('/').slice(0, url.pathname.includes('/edit/') ? 5 : 4).join('/') +
    (url.pathname.split('/').length > 4 ? '/*' : '') + [...url.searchParams.keys()].sort().join('&');

// Pages of every kind, found by following links.
async function crawl(start, german, english, own) {
    const queue = start.map((a) => new URL(a, home)), seen = new Set(), kinds = new Map(), found = new Map();
    let pages = 0;
    while (queue.length > 0 && pages < PAGES_MOST) {
        const url = queue.shift();
        url.hash = '';
        if (!url.href.startsWith(home) || seen.has(url.href) || (kinds.get(kind(url)) ?? 0) >= OF_A_KIND) continue;
        seen.add(url.href);
        kinds.set(kind(url), (kinds.get(kind(url)) ?? 0) + 1);
        const de = await german.read(url.href), en = de && (await english.read(url.href));
        if (!de || !en) continue;
        pages++;
        const texts = new Set(en.texts.map(plain)), known = longestFirst([...own, ...de.names]);
        for (const text of de.texts) if (!found.has(text) && isEnglish(text, texts, known)) found.set(text, url.href.slice(home.length));
        queue.push(...de.links.map((l) => new URL(l)));
    }
    return { pages, found };
}

export async function readInGerman(browser, start) {
    const german = await reader(browser, 'de'), english = await reader(browser, 'en');
    const { pages, found } = await crawl(start, german, english, await ownTexts(german.page));
    check('every kind of page is read in German', pages > 60, pages + ' pages');
    check('German pages hold no English', found.size === 0, [...found].slice(0, 40).map(([text, at]) => '\n    ' + at + ': ' + text.slice(0, 160)).join(''));
    await german.page.context().close();
    await english.page.context().close();
}
