// Compares two lists of calls, line by line, and fails if they differ elsewhere than the table in docs/wiremock.md says.
//   node compare.mjs wiremock.txt ours.txt docs/wiremock.md
import { readFileSync } from 'node:fs';

const [real, ours, page] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
const calls = (text) => new Map(text.trimEnd().split('\n').map((line) => line.split('\t')));
const known = new Set([...page.matchAll(/^\| ((?:java|rest|captain|http): [^|]*?) \|/gm)].map((row) => row[1]));

const want = calls(real);
const got = calls(ours);
let wrong = 0;
const report = (line) => { wrong++; console.log(line); };
let differ = 0;
const clients = {};
for (const name of new Set([...want.keys(), ...got.keys()])) {
  const client = name.split(':')[0];
  const count = (clients[client] ??= { calls: 0, equal: 0 });
  count.calls++;
  if (want.get(name) === got.get(name)) {
    count.equal++;
    if (known.has(name)) report(`${name}: the table says that it differs, and it does not`);
    continue;
  }
  differ++;
  if (!known.has(name)) report(`${name}\n  WireMock: ${want.get(name)}\n  here:     ${got.get(name)}`);
}
for (const name of known) if (!want.has(name)) report(`${name}: the table has a call that nobody makes`);
for (const [client, n] of Object.entries(clients)) console.log(`${client}: ${n.calls} calls, ${n.equal} equal`);
console.log(`${differ} calls differ as docs/wiremock.md says`);
process.exitCode = wrong ? 1 : 0;
