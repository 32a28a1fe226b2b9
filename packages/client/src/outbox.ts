// What waits to be published: numbered so that nothing is sent twice, kept while the line is away, given up after its
// time, and never sent for anybody but the identity it belongs to. Each channel has a lane with at most one frame
// unanswered; what gathers behind it leaves as one batch. Called by the connection.

import {
  type BatchItem,
  type ErrorFrame,
  type Limits,
  maxBatchItems,
  type PublishResult,
  type ResultFrame,
} from '@telltale/protocol';
import { publishNow, type AskWorld } from './ask.ts';
import type { Environment } from './environment.ts';
import { byteLength, createRateGate, unsendable } from './limits.ts';
import type { ClientLogger, OutboxItem, PublishOptions, PublishOutcome } from './types.ts';

interface Item extends OutboxItem {
  readonly bytes: number;
  once?: NonNullable<OutboxItem['once']>;
  /** Undefined once the sender has been told what became of it. */
  settle: ((outcome: PublishOutcome) => void) | undefined;
}

interface Lane {
  readonly channel: string;
  producer: string;
  seq: number;
  waiting: Item[];
  /** Numbered with `seq` and sent at least once; stays until answered or given up. */
  unit: Item[];
  /** The unit was sent in this session and has no answer. */
  isSent: boolean;
  /** After a batch that was refused: how many go alone, so that a bad one takes no other with it. */
  alone: number;
  fails: number;
  cancel: () => void;
}

export interface Outbox {
  publish(channel: string, data: unknown, options: PublishOptions): Promise<PublishOutcome>;
  /** A session began: sends what belongs to this identity, sets aside what does not. */
  welcome(identity: string, limits: Limits): void;
  lost(): void;
  list(): OutboxItem[];
}

export interface OutboxWorld extends AskWorld {
  readonly environment: Environment;
  readonly logger: ClientLogger;
  limits(): Limits | undefined;
}

const defaultKeepMs = 30_000;
const mostItems = 1_000;
const mostBytes = 4 * 1024 * 1024;
// Room for a frame's own fields beside the items.
const frameRoom = 512;

export function createOutbox(world: OutboxWorld): Outbox {
  const { environment, requests, logger } = world;
  const gate = createRateGate(environment.now);
  let owner: string | undefined;
  let lanes = new Map<string, Lane>();
  const aside = new Map<string, Map<string, Lane>>();
  let cancelExpiry = () => {};

  const everyLane = () => [lanes, ...aside.values()].flatMap((owned) => [...owned.values()]);
  const everyItem = () => everyLane().flatMap(({ unit, waiting }) => [...unit, ...waiting]);

  function laneOf(channel: string): Lane {
    let lane = lanes.get(channel);
    if (lane === undefined) {
      const producer = environment.randomId();
      lane = { channel, producer, seq: 1, waiting: [], unit: [], isSent: false, alone: 0, fails: 0, cancel: () => {} };
      lanes.set(channel, lane);
    }
    return lane;
  }
  function settle(item: Item, outcome: PublishOutcome): void {
    item.settle?.(outcome);
    item.settle = undefined;
  }
  function number(lane: Lane): void {
    for (const item of lane.unit) item.once = { producer: lane.producer, seq: lane.seq };
  }
  function renumber(lane: Lane): void {
    lane.producer = environment.randomId();
    lane.seq = 1;
    number(lane);
  }

  /** Takes as many items as fit in one frame. */
  function gather(lane: Lane, limits: Limits): void {
    let bytes = frameRoom;
    const most = lane.alone > 0 ? 1 : maxBatchItems;
    while (lane.unit.length < most) {
      const item = lane.waiting[0];
      if (item === undefined || (lane.unit.length > 0 && bytes + item.bytes > limits.maxFrameBytes)) break;
      bytes += item.bytes;
      lane.unit.push(item);
      lane.waiting.shift();
    }
    lane.alone = Math.max(0, lane.alone - 1);
    number(lane);
  }
  function flush(lane: Lane): void {
    const limits = world.limits();
    if (limits === undefined || lane.isSent || lanes.get(lane.channel) !== lane) return;
    lane.cancel();
    if (lane.unit.length === 0) gather(lane, limits);
    const [first, ...others] = lane.unit;
    if (first === undefined) return;
    const bytes = lane.unit.reduce((sum, item) => sum + item.bytes, frameRoom);
    // What was queued before the limits were known.
    const fault = others.length === 0 ? unsendable(first, limits) : undefined;
    if (fault !== undefined) {
      lane.unit = [];
      settle(first, { kind: 'refused', ...fault });
      return flush(lane);
    }
    const wait = gate.take(bytes);
    if (wait > 0) {
      lane.cancel = environment.after(wait, () => flush(lane));
      return;
    }
    const id = requests.add((answer) => answered(lane, answer));
    const { channel } = lane;
    const once = { producer: lane.producer, seq: lane.seq };
    lane.isSent = world.send(
      others.length === 0
        ? { type: 'publish', id, channel, once, ...content(first) }
        : { type: 'publish', id, channel, once, batch: lane.unit.map(content) },
    );
  }
  function content({ key, data }: Item): BatchItem {
    return key === undefined ? { data } : { key, data };
  }

  function answered(lane: Lane, answer: ResultFrame | ErrorFrame | undefined): void {
    lane.isSent = false;
    if (answer === undefined) return;
    if (answer.type === 'error' && answer.retryable) return retry(lane, answer);
    lane.fails = 0;
    // A result and a final error both use the number up.
    lane.seq++;
    const { unit } = lane;
    lane.unit = [];
    if (answer.type === 'result') {
      for (const item of unit) settle(item, { kind: 'published', result: answer.data as PublishResult });
    } else if (unit.length > 1 && answer.code === 4400) {
      for (const item of unit) delete item.once;
      lane.waiting.unshift(...unit);
      lane.alone += unit.length;
    } else {
      logger.warn('publish refused', { channel: lane.channel, code: answer.code, message: answer.message });
      for (const item of unit) settle(item, { kind: 'refused', code: answer.code, message: answer.message });
    }
    flush(lane);
  }
  function retry(lane: Lane, { expected, retryAfterMs, message }: ErrorFrame): void {
    const isMoved = expected !== undefined && expected !== lane.seq;
    if (isMoved && expected === 1) renumber(lane);
    else if (isMoved) {
      lane.seq = expected;
      number(lane);
    }
    logger.debug('publish delayed', { channel: lane.channel, message });
    const wait =
      retryAfterMs ??
      (isMoved && lane.fails === 0 ? 0 : 250 + environment.random() * Math.min(30_000, 2_000 * 2 ** lane.fails));
    lane.fails++;
    if (wait === 0) flush(lane);
    else lane.cancel = environment.after(wait, () => flush(lane));
  }

  /** Gives up what is too old, and sets the timer for the next. */
  function expire(): void {
    cancelExpiry();
    const now = environment.now();
    let soonest = Infinity;
    for (const lane of everyLane()) {
      lane.waiting = lane.waiting.filter((item) => {
        if (item.expiresAt > now) return true;
        settle(item, { kind: 'expired', uncertain: item.once !== undefined });
        return false;
      });
      for (const item of lane.unit) {
        if (item.expiresAt <= now) settle(item, { kind: 'expired', uncertain: true });
      }
      abandon(lane, now);
      for (const { expiresAt } of [...lane.unit, ...lane.waiting]) {
        if (expiresAt > now) soonest = Math.min(soonest, expiresAt);
      }
    }
    if (soonest < Infinity) cancelExpiry = environment.after(soonest - now, expire);
  }
  /**
   * A numbered unit that nobody waits for any more is dropped. Whether its number was used can't be known, so what
   * follows is numbered under a new producer: under the old one it could be taken for a repetition and lost.
   */
  function abandon(lane: Lane, now: number): void {
    if (lane.isSent || lane.unit.length === 0 || lane.unit.some(({ expiresAt }) => expiresAt > now)) return;
    lane.unit = [];
    renumber(lane);
    flush(lane);
  }

  function refuse(channel: string, code: number, message: string): PublishOutcome {
    logger.warn('publish refused', { channel, code, message });
    return { kind: 'refused', code, message };
  }

  return {
    publish(channel, data, { key, keepFor = defaultKeepMs }) {
      const json = byteLength(data);
      if (json === undefined) {
        return Promise.resolve(refuse(channel, 4400, 'found data that is no JSON value, expected one'));
      }
      const bytes = json + (key === undefined ? 16 : 24 + 2 * key.length);
      const queuedAt = environment.now();
      const head = { channel, data, queuedAt, expiresAt: queuedAt + keepFor, ...(key === undefined ? {} : { key }) };
      const limits = world.limits();
      const fault = limits && unsendable({ ...head, bytes }, limits);
      if (fault !== undefined) return Promise.resolve(refuse(channel, fault.code, fault.message));
      if (keepFor === 0) {
        if (limits === undefined || gate.take(bytes + frameRoom) > 0) {
          return Promise.resolve({ kind: 'expired', uncertain: false });
        }
        return publishNow(world, channel, key === undefined ? { data } : { key, data });
      }
      const held = everyItem();
      if (held.length >= mostItems || held.reduce((sum, item) => sum + item.bytes, bytes) > mostBytes) {
        const message = `found ${held.length} messages in the outbox, expected fewer than ${mostItems} and ${mostBytes} bytes`;
        return Promise.resolve(refuse(channel, 4429, message));
      }
      return new Promise((resolve) => {
        const lane = laneOf(channel);
        lane.waiting.push({ ...head, bytes, settle: resolve });
        expire();
        // Behind the current task, so that what is published together leaves together.
        if (lane.waiting.length === 1) queueMicrotask(() => flush(lane));
      });
    },

    welcome(identity, limits) {
      gate.begin(limits);
      if (owner !== undefined && owner !== identity) {
        const items = everyItem().filter((item) => item.settle !== undefined);
        if (items.length > 0) logger.warn('outbox set aside: another identity is signed in', { count: items.length });
        aside.set(owner, lanes);
        lanes = aside.get(identity) ?? new Map();
        aside.delete(identity);
        for (const item of items) if (!isCurrent(item)) settle(item, { kind: 'set-aside' });
      }
      owner = identity;
      expire();
      for (const lane of lanes.values()) flush(lane);
    },
    lost() {
      for (const lane of lanes.values()) {
        lane.cancel();
        lane.isSent = false;
      }
      expire();
    },
    list: () =>
      everyItem()
        .map(({ settle: _settle, bytes: _bytes, ...item }) => item)
        .sort((one, other) => one.queuedAt - other.queuedAt),
  };

  function isCurrent(item: Item): boolean {
    const lane = lanes.get(item.channel);
    return lane !== undefined && (lane.unit.includes(item) || lane.waiting.includes(item));
  }
}
