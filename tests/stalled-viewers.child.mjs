// The viewers of stalled-viewers.test.ts: they subscribe, stop reading, and later read on and report what they hold.

import { WebSocket } from 'ws';

const [port, count] = process.argv.slice(2).map(Number);
const viewers = [];

function view(index) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/`);
  const held = { streams: 0, missed: 0, last: 0, faults: [], rows: new Map(), newest: 0, head: 0 };
  const viewer = { socket, held };
  viewers.push(viewer);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => held.faults.push(`closed ${code}`));
    socket.on('open', () => {
      for (const channel of ['log', 'values']) socket.send(JSON.stringify({ type: 'subscribe', id: 1, channel }));
    });
    let subscribed = 0;
    socket.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.type !== 'messages') return;
      if (subscribed < 2 && ++subscribed === 2) resolve(viewer);
      take(held, frame);
    });
    setTimeout(() => reject(new Error(`viewer ${index} was not subscribed`)), 20_000).unref();
  });
}

function take(held, { channel, messages, gap }) {
  if (channel === 'log' && gap) {
    if (gap.from !== held.last + 1) held.faults.push(`gap from ${gap.from} at ${held.last}`);
    held.missed += gap.to - gap.from + 1;
    held.last = gap.to;
  }
  for (const { offset, key, data } of messages) {
    if (channel === 'log') {
      if (offset !== held.last + 1) held.faults.push(`offset ${offset} after ${held.last}`);
      held.last = offset;
      held.streams++;
    } else {
      held.rows.set(key, data.n);
    }
    held.newest = Math.max(held.newest, data.n);
  }
}

await Promise.all(Array.from({ length: count }, (_, index) => view(index)));
for (const { socket } of viewers) socket.pause();
process.send({ what: 'stalled' });

async function readOn() {
  for (const { socket } of viewers) socket.resume();
  const until = Date.now() + 60_000;
  let before = -1;
  // Quiet means done: nothing is published any more.
  for (let quiet = 0; quiet < 10 && Date.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = viewers.reduce((sum, { held }) => sum + held.streams + held.missed, 0);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
  const reports = viewers.map(({ held }) => ({ ...held, rows: held.rows.size }));
  process.send({ what: 'reports', value: reports });
}
process.on('message', () => void readOn());
