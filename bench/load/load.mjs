// The load generator's twin for machines without a C compiler: the same options, the same two lines of JSON. It costs
// several times as much, so that fast servers wait for it: its share of a core, which it prints, says when.

import { parseArgs } from 'node:util';
import { Connection } from './connection.mjs';
import { Histogram, readUsage } from './measure.mjs';

const text = { type: 'string' };
const list = { type: 'string', multiple: true, default: [] };
const { values } = parseArgs({
  options: {
    mode: text,
    port: text,
    viewers: text,
    outstanding: { ...text, default: '1' },
    rate: { ...text, default: '1' },
    seconds: { ...text, default: '1' },
    warm: { ...text, default: '0' },
    payload: { ...text, default: '200' },
    template: text,
    'viewer-path': { ...text, default: '/' },
    'publisher-path': { ...text, default: '/' },
    headers: { ...text, default: '' },
    'token-header': text,
    tokens: text,
    hello: list,
    ready: { ...text, default: '' },
    'ready-count': { ...text, default: '1' },
    prefix: { ...list, default: [''] },
    suffix: { ...text, default: '' },
    'engine-io': { ...text, default: '0' },
    'check-order': { ...text, default: '0' },
    pid: list,
  },
});
const viewerCount = Number(values.viewers);
const mostOutstanding = Number(values.outstanding);

/** How long a loop may go on while its server does not get the processor, in times of `--seconds`. */
const patience = 10;
const connectingAtOnce = 50;
/** First number of each kind: so that all have the same number of digits. */
const firstUs = 10n ** 15n;
const firstNumber = 1e9;
/** `{"sentAt":1000000000000000,"number":1000000000,` */
const headBytes = 47;
const payloadBytes = values.template === undefined ? Number(values.payload) : headBytes + values.template.length + 1;

const freshTally = () => ({ published: 0, deliveries: 0, frames: 0, bytes: 0, wrong: 0, handshakes: 0, failed: 0 });
let tally = freshTally();
let latency = new Histogram();
let outstanding = 0;
let nextNumber = 1;
/** Viewers that have not got a message, by its number. */
const missing = new Map();

const nowUs = () => process.hrtime.bigint() / 1000n;
const soon = () => new Promise((resolve) => setImmediate(resolve));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function takeMessages(connection, message) {
  tally.frames++;
  for (let at = message.indexOf('"sentAt":'); at >= 0; at = message.indexOf('"sentAt":', at + payloadBytes - 2)) {
    const sent = BigInt(message.toString('latin1', at + 9, at + 25)) - firstUs;
    const number = Number(message.toString('latin1', at + 35, at + 45)) - firstNumber;
    tally.deliveries++;
    latency.add(Number(nowUs() - sent));
    const { last } = connection;
    if (values['check-order'] === '1' && last !== undefined && number !== last + 1) tally.wrong++;
    connection.last = number;
    const left = (missing.get(number) ?? 0) - 1;
    if (left > 0) missing.set(number, left);
    else if (missing.delete(number)) outstanding--;
  }
}

function open(index, isPublisher = false) {
  return Connection.open({
    options: values,
    index,
    isPublisher,
    onMessage: takeMessages,
    onBytes: (bytes) => (tally.bytes += bytes),
    onFailed: () => tally.failed++,
  });
}

/** What a message says behind its number; the digits of a template change. */
function said() {
  const { template } = values;
  if (template !== undefined) return template.replace(/#/g, () => String(Math.floor(Math.random() * 10)));
  return `"text":"${'x'.repeat(payloadBytes - headBytes - '"text":""}'.length)}"`;
}

function publish(publisher) {
  const body = `{"sentAt":${firstUs + nowUs()},"number":${firstNumber + nextNumber},${said()}}`;
  missing.set(nextNumber, viewerCount);
  const prefix = values.prefix[nextNumber % values.prefix.length] ?? '';
  publisher.sendText([prefix, body, values.suffix].join(''));
  outstanding++;
  nextNumber++;
  tally.published++;
}

/** Until the server has had so much processor time. */
async function whileServerHas(seconds, step) {
  const start = readUsage(values.pid);
  const until = performance.now() + seconds * patience * 1000;
  let nextLook = 0;
  for (;;) {
    await step();
    const now = performance.now();
    if (now < nextLook) continue;
    nextLook = now + 10;
    const { user, system } = readUsage(values.pid);
    if (now > until || user + system - start.user - start.system >= seconds) return;
  }
}

const modes = {
  closed: (publisher, seconds) =>
    whileServerHas(seconds, async () => {
      while (outstanding < mostOutstanding) publish(publisher);
      await soon();
    }),
  async open(publisher, seconds) {
    const everyMs = 1000 / Number(values.rate);
    const until = performance.now() + seconds * 1000;
    for (let next = performance.now(); performance.now() < until;) {
      for (; next <= performance.now(); next += everyMs) publish(publisher);
      await wait(Math.max(1, next - performance.now()));
    }
  },
  async accept(_publisher, seconds) {
    const over = new AbortController();
    const knock = async (first) => {
      for (let index = first; !over.signal.aborted; index += viewerCount) {
        (await open(index)).abort();
        tally.handshakes++;
      }
    };
    const knocking = Array.from({ length: viewerCount }, (_, index) => knock(index));
    await whileServerHas(seconds, soon);
    over.abort();
    await Promise.all(knocking);
  },
};

const { mode } = values;
const publisher = mode === 'idle' || mode === 'accept' ? undefined : await open(0, true);
const viewers = [];
const wantedViewers = mode === 'accept' ? 0 : viewerCount;
while (viewers.length < wantedViewers) {
  const some = Math.min(connectingAtOnce, wantedViewers - viewers.length);
  viewers.push(...(await Promise.all(Array.from({ length: some }, (_, index) => open(viewers.length + index)))));
}
console.log(JSON.stringify({ viewers: viewers.length }));

if (mode === 'idle') {
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  console.log(JSON.stringify({ viewers: viewers.length, failed: tally.failed }));
  process.exit();
}

await modes[mode](publisher, Number(values.warm));
tally = freshTally();
latency = new Histogram();
const before = readUsage(values.pid);
const begun = performance.now();
await modes[mode](publisher, Number(values.seconds));
const seconds = (performance.now() - begun) / 1000;
const after = readUsage(values.pid);
const measured = { ...tally };
const delays = { p50Ms: latency.ms(0.5), p99Ms: latency.ms(0.99), p999Ms: latency.ms(0.999), maxMs: latency.ms(1) };
for (const until = performance.now() + 2000; missing.size > 0 && performance.now() < until;) await wait(10);
const server = { user: after.user - before.user, system: after.system - before.system };
const own = after.own - before.own;
const result = {
  seconds,
  ...measured,
  ...delays,
  serverUserSeconds: server.user,
  serverSystemSeconds: server.system,
  ownSeconds: own,
  foreignSeconds: after.machine - before.machine - own - server.user - server.system,
  undelivered: outstanding,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
