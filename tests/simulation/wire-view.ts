// What passes over one peer's socket, held against the protocol frame by frame: how a read begins, that offsets join on,
// what a gap says, where a frame says one stands, what a whole table holds. Sees text and nothing else.

import {
  type ClientFrame,
  type Gap,
  type Message,
  type MessagesFrame,
  type ServerFrame,
  type SubscribedFrame,
} from '@telltale/protocol';
import { isTable } from './channels.ts';
import type { Faults } from './properties.ts';
import type { Rights } from './rights.ts';
import { tableFault } from './table-fault.ts';
import type { Known, Said, Truth } from './truth.ts';

/** Time a frame may have been under way, and the gateway's clock be ahead, where that matters. */
const underWayMs = 100;
/**
 * Time for which a line may hold an answer that was true when it left: a machine stands still for up to 25 s, a network for
 * up to 9 behind it, and a slow line has more under way. What is read without a right is a fault at once, and who is not
 * denied in the end is one too.
 */
const heldMs = 40_000;

/** One subscription, from its `subscribed` to its end. */
interface Read {
  epoch: string | undefined;
  /** Where the last frame said one stands. */
  to: number;
  /** A table's rows: those held by who resumes, then what came. */
  readonly rows: Map<string, Known>;
}

export interface WireWorld {
  readonly who: string;
  readonly faults: Faults;
  readonly truth: Truth;
  readonly rights: Rights;
  readonly now: () => number;
}

export class WireView {
  readonly #world: WireWorld;
  readonly #reads = new Map<string, Read>();
  readonly #asked = new Map<number, Extract<ClientFrame, { type: 'subscribe' | 'unsubscribe' }>>();

  constructor(world: WireWorld) {
    this.#world = world;
  }

  onOpen(): void {
    this.#reads.clear();
    this.#asked.clear();
  }

  onSent(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    if (frame.type === 'subscribe' || frame.type === 'unsubscribe') this.#asked.set(frame.id, frame);
  }

  onReceived(text: string): void {
    const message = JSON.parse(text) as ServerFrame | ServerFrame[];
    for (const frame of Array.isArray(message) ? message : [message]) this.#take(frame);
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'subscribed':
        return this.#subscribed(frame);
      case 'messages':
        return this.#messages(frame as MessagesFrame<Said | null>);
      case 'unsubscribed':
        this.#reads.delete(frame.channel);
        return;
      case 'result': {
        const asked = this.#asked.get(frame.id);
        if (asked?.type === 'unsubscribe') this.#reads.delete(asked.channel);
        return;
      }
      case 'welcome':
      case 'refused':
      case 'error':
      case 'goodbye':
      case 'ping':
      case 'pong':
    }
  }

  #subscribed({ id, channel, start, position }: SubscribedFrame): void {
    const { truth, rights, now } = this.#world;
    const asked = id === undefined ? undefined : this.#asked.get(id);
    const since = asked?.type === 'subscribe' && asked.since && 'epoch' in asked.since ? asked.since : undefined;
    if (start === 'resumed') {
      if (since?.epoch !== position?.epoch || since?.offset !== position?.offset)
        this.#fault('resume', `found ${channel} resumed at ${json(position)}, expected ${json(since)}`);
    } else if (since !== undefined && since.epoch === position?.epoch && channel !== 'small') {
      this.#fault('resume', `found ${channel} begun anew, expected it to go on at ${json(since)}`);
    }
    if (rights.lackedAll(channel, now() - heldMs, now())) this.#fault('rights', `found ${channel} subscribed`);
    const life = position === null ? undefined : truth.lifeOf(channel, position.epoch);
    const held = start === 'resumed' && isTable(channel) ? life?.rowsAt(position?.offset ?? 0) : undefined;
    this.#reads.set(channel, { epoch: position?.epoch, to: position?.offset ?? 0, rows: held ?? new Map() });
  }

  #messages(frame: MessagesFrame<Said | null>): void {
    const { channel, epoch, messages, to, gap, more } = frame;
    const read = this.#reads.get(channel);
    if (read === undefined) return this.#fault('ended', `found messages of ${channel}, which is not subscribed`);
    if (epoch === null) return;
    if (read.epoch !== undefined && read.epoch !== epoch) {
      return this.#fault('epoch', `found ${channel} in the life ${epoch}, expected ${read.epoch}`);
    }
    read.epoch = epoch;
    let at = read.to;
    if (gap !== undefined) at = this.#gap(channel, epoch, gap, at);
    for (const message of messages) {
      this.#message(channel, epoch, message, at);
      at = Math.max(at, message.offset);
      if (isTable(channel)) apply(read.rows, message);
    }
    if (to < at) this.#fault('position', `found ${channel} to ${to}, expected ${at} or more`);
    if (to > at && !isTable(channel)) this.#fault('no-loss', `found ${channel} to ${to} behind ${at}`);
    read.to = to;
    if (isTable(channel)) this.#table(channel, read, more === true);
  }

  #message(channel: string, epoch: string, { offset, time, key, data }: Message<Said | null>, at: number): void {
    const { truth, rights, now, who } = this.#world;
    if (offset <= at) {
      const isTwice = offset === at;
      this.#fault(isTwice ? 'no-duplicate' : 'order', `found ${channel} ${offset} behind ${at}`);
    } else if (offset > at + 1 && !isTable(channel)) {
      this.#fault('no-loss', `found ${channel} ${offset} behind ${at}, without a gap`);
    }
    if (rights.lackedAll(channel, time, now())) this.#fault('rights', `found ${channel} ${offset}`);
    const known: Known = { offset, at: time, n: data?.n, key };
    if (!isTable(channel)) return truth.learn(channel, epoch, known, who);
    const there = truth.lifeOf(channel, epoch)?.at(offset);
    if (there?.n === data?.n && there?.key === key) return;
    this.#fault('content', `found publish ${data?.n} at ${channel} ${offset}, expected ${there?.n}`);
  }

  #gap(channel: string, epoch: string, { from, to }: Gap, at: number): number {
    const { truth, now } = this.#world;
    const horizon = truth.horizon(channel, epoch, now(), underWayMs);
    const found = `found ${channel} gap ${from} to ${to}`;
    if (from !== at + 1) this.#fault('exact-gap', `${found}, expected it from ${at + 1}`);
    else if (to < from || to > horizon)
      this.#fault('exact-gap', `${found}, expected it to end from ${from} to ${horizon}`);
    return to;
  }

  #table(channel: string, read: Read, isMore: boolean): void {
    const life = this.#world.truth.lifeOf(channel, read.epoch as string);
    if (life === undefined || read.to > life.head)
      return this.#fault('position', `found ${channel} to ${read.to}, beyond its head`);
    if (isMore) return;
    const fault = tableFault(read.rows, life, read.to);
    if (fault !== undefined) this.#fault(fault.property, `found ${channel} at ${read.to} ${fault.found}`);
  }

  #fault(property: Parameters<Faults['add']>[0], found: string): void {
    this.#world.faults.add(property, `the socket of ${this.#world.who}`, found);
  }
}

function apply(rows: Map<string, Known>, { offset, time, key = '', data }: Message<Said | null>): void {
  if (data === null) rows.delete(key);
  else rows.set(key, { offset, at: time, n: data.n, key });
}

function json(value: unknown): string {
  return JSON.stringify(value ?? null);
}
