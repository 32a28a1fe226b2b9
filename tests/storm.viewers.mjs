// Sessions of storm.test.ts: the shipped client, many in one process, on sockets that cost little, each from an address of
// its own where the system has them. It comes back by its own policy; here is only noted what it met, and when.

import { createHmac } from 'node:crypto';
import { createConnection } from '@telltale/client';
import { answer } from './support/answer.mjs';
import { leanFetch, LeanSocket } from './support/lean-socket.mjs';

const { url, origin, secret, channels, first, count, stableMs } = JSON.parse(process.argv[2]);
const quiet = { debug() {}, info() {}, warn() {} };

/** Frames of catch-ups that were parsed last, by their text; the one used longest ago first. */
const parsed = new Map();
const { parse } = JSON;
/** Viewers of one channel are sent the same text; elsewhere each parses it on cores of its own, here one does for all. */
JSON.parse = (text, ...rest) => {
  if (typeof text !== 'string' || text.length < 4096 || rest.length > 0) return parse(text, ...rest);
  const value = parsed.get(text) ?? parse(text);
  parsed.delete(text);
  parsed.set(text, value);
  if (parsed.size > 200) parsed.delete(parsed.keys().next().value);
  return value;
};

function tokenOf(subject) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'telltale', aud: 'telltale', sub: subject, exp })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

/** Loopback has 16 million addresses on Linux, and one elsewhere. */
const addressOf = (index) =>
  process.platform === 'linux' ? { localAddress: `127.1.${index >> 7}.${(index & 127) + 1}` } : {};

class Viewer {
  /** Of each return: when it tried, was open, and had caught up. Milliseconds since the epoch. */
  tries = [];
  openAt;
  caughtUpAt;
  lostAt;
  slotMs;
  last = 0;
  received = 0;
  faults = [];
  #wanted = Infinity;

  constructor(index) {
    function Socket(address, protocols) {
      return new LeanSocket(address, protocols, { origin, ...addressOf(index) });
    }
    this.connection = createConnection({
      url,
      WebSocket: Socket,
      fetch: leanFetch,
      token: () => tokenOf(`viewer-${index}`),
      logger: quiet,
      stableMs,
    });
    this.connection.onState((state) => this.#state(state));
    this.connection.onFrame((frame) => this.#notice(frame));
    this.connection.subscribe(channels[index % channels.length], (event) => this.#take(event), { keep: 1 });
    this.connection.connect();
  }

  /** From now on it is one return that counts, up to this offset. */
  expect(offset) {
    this.tries = [];
    this.openAt = this.caughtUpAt = this.lostAt = this.slotMs = undefined;
    this.received = 0;
    this.#wanted = offset;
  }

  #state({ kind }) {
    const now = Date.now();
    if (kind === 'connecting') this.tries.push(now);
    if (kind === 'open') this.openAt ??= now;
    if (kind === 'waiting' && this.lostAt === undefined) this.lostAt = now;
    if (kind === 'closed') this.faults.push('it gave up');
  }

  #notice(frame) {
    if (frame?.type === 'goodbye' && frame.code === 1012) this.slotMs = frame.retryAfterMs;
  }

  #take(event) {
    if (event.type === 'freshness') return;
    if (event.type !== 'messages') return void this.faults.push(JSON.stringify(event));
    if (event.gap !== undefined) this.faults.push(`gap ${event.gap.from}-${event.gap.to}`);
    for (const { offset } of event.messages) {
      if (this.last !== 0 && offset !== this.last + 1) this.faults.push(`offset ${offset} after ${this.last}`);
      this.last = offset;
      this.received++;
    }
    if (this.last >= this.#wanted) this.caughtUpAt ??= Date.now();
  }
}

const viewers = [];

answer({
  /** Opens all, so many at once, and answers when each is open and has read its channel. */
  async open({ head, atOnce, withinMs }) {
    const until = performance.now() + withinMs;
    const wait = async (isOver) => {
      while (!isOver()) {
        if (performance.now() > until) {
          const { connection, last, faults } = viewers.find((viewer) => viewer.last < head);
          throw new Error(`not open: ${JSON.stringify({ last, faults, state: connection.state })}`);
        }
        await new Promise((go) => setTimeout(go, 10));
      }
    };
    for (let index = 0; index < count; index++) {
      viewers.push(new Viewer(first + index));
      await wait(() => viewers.filter(({ last }) => last < head).length < atOnce);
    }
    await wait(() => viewers.every(({ last }) => last >= head));
  },
  expect({ offset }) {
    for (const viewer of viewers) viewer.expect(offset);
  },
  /** How many are open and have caught up. */
  back: () => viewers.filter(({ openAt, caughtUpAt }) => openAt !== undefined && caughtUpAt !== undefined).length,
  report: () =>
    viewers.map(({ tries, openAt, caughtUpAt, lostAt, slotMs, last, received, faults }) => ({
      tries,
      openAt,
      caughtUpAt,
      lostAt,
      slotMs,
      last,
      received,
      faults,
    })),
});
