// Viewers of falling-behind.test.ts: quick ones whose delays are counted, slow ones, some that read nothing, and restless
// ones that stall and recover at random.

import { answer } from './support/answer.mjs';
import { nowMs, RawViewer } from './support/raw-viewer.mjs';

const { port, channels } = JSON.parse(process.argv[2]);
const tickMs = 100;
const viewers = [];
const timers = [];

// Delays in tenths of a millisecond, up to 20 s.
let delays = new Uint32Array(200_000);
function delayed(at, now) {
  delays[Math.min(delays.length - 1, Math.max(0, Math.round((now - at) * 10)))]++;
}

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Reads all, reads nothing, or reads slowly, each for a while. */
function live(viewer, random, { stallMs, bytesPerSecond }) {
  let isStalled = false;
  const turn = () => {
    const fate = random();
    // What it did not read is its own lateness: the gateway's begins when it reads again.
    if (isStalled) viewer.staleSince = nowMs();
    isStalled = fate >= 0.4 && fate < 0.75;
    viewer.allow(isStalled ? 0 : fate < 0.4 ? Infinity : bytesPerSecond);
    timers.push(setTimeout(turn, stallMs * (0.1 + random())));
  };
  turn();
}

answer({
  /** Opens so many viewers of a kind, each with one stream and one table. */
  async open({ kind, count, bytesPerSecond = 0, seed = 0, stallMs = 0 }) {
    const opened = Array.from(
      { length: count },
      (_, index) =>
        new RawViewer({
          port,
          kind,
          channels: [`s/${index % channels}`, `t/${index % channels}`],
          bytesPerSecond: kind === 'slow' ? bytesPerSecond : Infinity,
          onMessage: kind === 'quick' ? delayed : undefined,
        }),
    );
    timers.push(setInterval(() => opened.forEach((viewer) => viewer.tick()), tickMs));
    await Promise.all(opened.map(({ subscribed }) => subscribed));
    const random = randomFrom(seed);
    for (const viewer of opened) {
      if (kind === 'stalled') viewer.allow(0);
      if (kind === 'restless') live(viewer, random, { stallMs, bytesPerSecond });
    }
    viewers.push(...opened);
  },
  /** From now on all is published anew: what is shown until then is not old yet. */
  expectNews() {
    for (const viewer of viewers) viewer.staleSince = nowMs();
  },
  /** How delays were distributed since the last time this was asked. */
  delays() {
    const total = delays.reduce((sum, count) => sum + count, 0);
    const quantile = (share) => {
      let left = total * share;
      for (let at = 0; at < delays.length; at++) if ((left -= delays[at]) < 0) return at / 10;
      return Infinity;
    };
    const found = { count: total, p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999) };
    delays = new Uint32Array(delays.length);
    return found;
  },
  /** Lets everybody read without a limit until all stand at the heads, and answers what each holds. */
  async readOn({ heads, withinMs }) {
    for (const timer of timers) clearInterval(timer);
    for (const viewer of viewers) viewer.allow(Infinity);
    const until = performance.now() + withinMs;
    const isThere = ({ last, tableAt }, index) =>
      last === heads[`s/${index % channels}`] && tableAt >= heads[`t/${index % channels}`];
    while (!viewers.every(isThere) && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return viewers.map((viewer) => viewer.report());
  },
  end() {
    for (const viewer of viewers.splice(0)) viewer.end();
  },
});
