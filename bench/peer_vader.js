// Texts a second of VADER (npm vader-sentiment), a peer of bench_text: node peer_vader.js FILE MODULES.
// Prints "texts seconds" of the faster of two passes over the lines of FILE.
const fs = require('fs');
const vader = require(process.argv[3] + '/vader-sentiment');
const texts = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter(text => text);
let best = Infinity;
let sum = 0;
for (let pass = 0; pass < 2; pass++) {
  const begun = process.cpuUsage();
  for (const text of texts) sum += vader.SentimentIntensityAnalyzer.polarity_scores(text).compound;
  const used = process.cpuUsage(begun);
  best = Math.min(best, (used.user + used.system) / 1e6);
}
if (Number.isNaN(sum)) process.exit(1);
console.log(texts.length, best);
