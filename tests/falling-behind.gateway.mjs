// The gateway of falling-behind.test.ts, a process of its own so that its memory and delays are its own. It publishes at
// an even pace, and knows for every gap it tells whether it is exactly what the log has let go of.

import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createGateway, stream, table } from '@telltale/gateway';
import { answer } from './support/answer.mjs';
import { nowMs } from './support/raw-viewer.mjs';

const { channels, keys, retained } = JSON.parse(process.argv[2]);
const text = 'x'.repeat(930);
const all = () => true;
/** What was appended to each channel, and the newest number of each key. */
const heads = {};
const newest = {};
const faults = [];
let written = 0;
const peaks = { rss: 0, unanswered: {} };

const onAppended = ({ channel, position }) => {
  heads[channel] = position.offset;
};
const gateway = createGateway({
  channels: {
    s: stream('s/:n', { read: all, retention: { count: retained, bytes: 64 * 1024 * 1024 }, onAppended }),
    t: table('t/:n', { read: all, onAppended }),
  },
  limits: { maxSessionsPerAddress: 5000, admissionsPerSecond: 5000, stalledMs: 600_000, pingMs: 600_000 },
  onEvent(event) {
    if (event.type === 'ended') faults.push(`a session ended ${event.code} ${event.reason}`);
    if (event.type !== 'gap') return;
    const gone = heads[event.channel] - retained;
    if (event.to !== gone) faults.push(`a gap of ${event.channel} to ${event.to}, where up to ${gone} is gone`);
  },
});
const server = createServer();
gateway.attach(server);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();

function look() {
  peaks.rss = Math.max(peaks.rss, process.memoryUsage.rss());
  for (const { attempt, unansweredBytes } of gateway.sessions()) {
    const kind = attempt.userAgent;
    peaks.unanswered[kind] = Math.max(peaks.unanswered[kind] ?? 0, unansweredBytes);
  }
}

function publishOne() {
  const number = ++written;
  const index = Math.floor(number / 2) % channels;
  const data = { n: number, at: nowMs(), text };
  if (number % 2 === 0) return gateway.publish(`s/${index}`, data);
  const key = `k${Math.floor(number / 2 / channels) % keys}`;
  (newest[`t/${index}`] ??= {})[key] = number;
  return gateway.publish(`t/${index}`, data, { key });
}

answer({
  port: () => server.address().port,
  /** Publishes so many kilobytes evenly over so many seconds, half to streams and half to tables. */
  async publish({ kilobytes, seconds }) {
    const begun = performance.now();
    const look500 = setInterval(look, 500);
    const outcomes = [];
    for (let sent = 0; sent < kilobytes;) {
      const due = Math.min(kilobytes, Math.ceil(((performance.now() - begun) / 1000 / seconds) * kilobytes));
      while (sent < due) {
        outcomes.push(publishOne());
        sent++;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    look();
    clearInterval(look500);
    const failed = (await Promise.all(outcomes)).find(({ kind }) => kind !== 'appended');
    if (failed !== undefined) throw new Error(JSON.stringify(failed));
    return { heads, newest };
  },
  /** What was seen since the last time this was asked. */
  seen() {
    look();
    const unanswered = [...gateway.sessions()].reduce((sum, { unansweredBytes }) => sum + unansweredBytes, 0);
    const { user, system } = process.cpuUsage();
    const found = {
      peaks: structuredClone(peaks),
      unanswered,
      figures: gateway.figures(),
      loopP99: loop.percentile(99) / 1e6 - 10,
      cpuMs: (user + system) / 1000,
    };
    loop.reset();
    peaks.rss = 0;
    peaks.unanswered = {};
    return found;
  },
  faults: () => faults,
});
