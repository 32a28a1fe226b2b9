// Serves those who are behind: a frame of a stream or a table per session and turn, round robin, half a millisecond at a time, after the
// live flush. A first read, a resume and a slow viewer's return are all the same read from another cursor (DLV3). Behind
// each frame of a stream a session gets a table, or a table's newest values would wait behind long histories.

import type { Clock } from '../clock.ts';
import type { ChannelLog } from '../log/channel-log.ts';
import type { MessagesFrameBytes } from '../log/segment.ts';
import { jsonFrame } from '../log/websocket-frame.ts';
import type { DeliveryTally } from './delivery-tally.ts';
import type { Feed } from './feed.ts';
import { type PlaceBehind, type Reader, type Subscription, without } from './subscription.ts';

/**
 * How long one turn may take, in milliseconds. On Unix, Node takes one new connection between two turns: with longer ones,
 * those who come back would wait for those who are back.
 */
const turnMs = 0.5;

/** What a frame holds at most for who reads slowly, about: a table behind it waits as long as it takes to be read. */
const slowPieceBytes = 16 * 1024;

/**
 * A table up to this size, about, goes whole: a row that changed meanwhile has moved to its end, and where that is out of
 * reach each time, chance decides when the row is seen again.
 */
const wholeTableBytes = 64 * 1024;

export interface CatchUpListeners {
  /** Brings a feed to its log's head: one whose log began anew, or in front of which a reader stands. */
  readonly flush: (feed: Feed) => void;
  /** Whoever was told that a subscription is behind is told that it is live again. */
  readonly onCaughtUp: (subscription: Subscription) => void;
  /** A reader is told that these offsets are gone. */
  readonly onGap: (subscription: Subscription, from: number, to: number) => void;
}

export class CatchUp {
  readonly #clock: Clock;
  readonly #tally: DeliveryTally;
  readonly #listeners: CatchUpListeners;
  #queue: Reader[] = [];
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, tally: DeliveryTally, listeners: CatchUpListeners) {
    this.#clock = clock;
    this.#tally = tally;
    this.#listeners = listeners;
  }

  /** Puts a subscription among those behind. */
  add(subscription: Subscription): void {
    const { reader } = subscription;
    reader.catchingUp = [...reader.catchingUp, subscription];
    this.wake(reader);
  }

  /** Takes a subscription out that was unsubscribed. */
  remove(subscription: Subscription): void {
    const { reader } = subscription;
    reader.catchingUp = without(reader.catchingUp, subscription);
  }

  /** Gives a reader its turn, if it has something to catch up with and its peer keeps answering. */
  wake(reader: Reader): void {
    if (reader.isQueued || reader.catchingUp.length === 0 || reader.transport.isCongested) return;
    reader.isQueued = true;
    this.#queue.push(reader);
    this.#cancel ??= this.#clock.soon(() => this.#turn());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#queue = [];
  }

  #turn(): void {
    this.#cancel = undefined;
    const until = this.#clock.monotonic() + turnMs;
    let served = 0;
    while (served < this.#queue.length) {
      const reader = this.#queue[served++] as Reader;
      reader.isQueued = false;
      // The live flush may have filled its window meanwhile; its answer wakes it.
      if (reader.transport.isCongested) continue;
      const subscription = takeNext(reader);
      if (subscription !== undefined && !this.#serve(subscription)) {
        reader.catchingUp = [...reader.catchingUp, subscription];
      }
      this.wake(reader);
      if (this.#clock.monotonic() >= until) break;
    }
    this.#queue = this.#queue.slice(served);
    if (this.#queue.length > 0) this.#cancel ??= this.#clock.soon(() => this.#turn());
  }

  /** Sends what is next of a read. Answers whether the subscription is live now. */
  #serve(subscription: Subscription): boolean {
    const { feed, reader } = subscription;
    if (subscription.place.kind !== 'behind') return true;
    const { log } = feed;
    if (log === undefined) {
      const nothing = { type: 'messages', channel: feed.channel.name, epoch: null, messages: [], to: 0 };
      reader.transport.send([jsonFrame(nothing)]);
      this.#join(subscription);
      return true;
    }
    if (feed.epoch !== log.epoch) this.#listeners.flush(feed);
    const { epoch, cursor, freshHead, since } = subscription.place;
    // What was removed before a read began, it never showed: only later removals can be missing in it.
    if (epoch !== log.epoch || log.hasForgotten(Math.max(cursor, freshHead))) {
      subscription.place = beginningOf(log, since);
      // Who was told that there is no log stands before its first message: what has gone since is a gap.
      if (epoch === undefined) subscription.place.cursor = 0;
      else reader.transport.send([jsonFrame(resetFrame(subscription))]);
    }
    const { place } = subscription;
    if (place.kind !== 'behind') return true;
    const { buffers, frames, to } = readOn(subscription, place, log);
    reader.transport.send(buffers);
    this.#tally.caughtUp(frames);
    for (const frame of frames) {
      reader.sentMessages += frame.count;
      if (frame.gap !== undefined) this.#listeners.onGap(subscription, frame.gap.from, frame.gap.to);
    }
    // Whoever was told may have ended its session: nothing is subscribed then.
    if (subscription.place !== place) return true;
    place.cursor = to;
    if (to > feed.flushed) {
      if (reader.transport.isCongested) return false;
      this.#listeners.flush(feed);
    }
    // The flush goes to the head, where a read of a large table has not come yet.
    if (to < feed.flushed) return false;
    this.#join(subscription);
    return true;
  }

  #join(subscription: Subscription): void {
    subscription.feed.join(subscription);
    this.#tally.reachedHead();
    if (!subscription.isToldBehind) return;
    subscription.isToldBehind = false;
    this.#listeners.onCaughtUp(subscription);
  }
}

/** Takes the subscription to be served next off those that wait: behind a stream a table, else who waits longest. */
function takeNext(reader: Reader): Subscription | undefined {
  const isTable = ({ feed }: Subscription): boolean => feed.channel.definition.kind === 'table';
  const table = reader.wasServedStream ? reader.catchingUp.find(isTable) : undefined;
  const next = table ?? reader.catchingUp[0];
  if (next === undefined) return undefined;
  reader.wasServedStream = !isTable(next);
  reader.catchingUp = without(reader.catchingUp, next);
  return next;
}

/** What is sent next of a read, and the cursor behind it. */
interface NextOfRead {
  readonly frames: readonly MessagesFrameBytes[];
  /** As they are sent, deflated or not. */
  readonly buffers: readonly Buffer[];
  readonly to: number;
}

/** Reads on: of a stream a frame, of a table all that is new, where that is not too much. */
function readOn({ feed, reader }: Subscription, place: PlaceBehind, log: ChannelLog): NextOfRead {
  const { isSlow, inflates } = reader.transport;
  const { kind, isCompressed } = feed.channel.definition;
  const isTable = kind === 'table';
  // Rows that changed since the last flush are not in front of it: who is served seldom would miss others each time.
  const isToHead = place.cursor > feed.flushed || (isTable && isSlow);
  const upTo = isToHead ? log.head : feed.flushed;
  const pieceBytes = isSlow ? slowPieceBytes : undefined;
  const frames: MessagesFrameBytes[] = [];
  const buffers: Buffer[] = [];
  let { cursor } = place;
  for (let bytes = 0; ;) {
    const frame = log.read(cursor, upTo, { withoutTombstones: place.freshHead, pieceBytes });
    const buffer = isCompressed && inflates ? frame.deflated.buffer : frame.buffer;
    frames.push(frame);
    buffers.push(buffer);
    bytes += buffer.length;
    cursor = frame.to;
    if (!isTable || cursor >= upTo || bytes >= wholeTableBytes) return { frames, buffers, to: cursor };
  }
}

/** The place of a reader that begins anew. */
export function beginningOf(log: { epoch: string; beginning: number; head: number }, since: number): PlaceBehind {
  return { kind: 'behind', epoch: log.epoch, cursor: log.beginning, freshHead: log.head, since };
}

function resetFrame({ feed, place }: Subscription): object {
  const { name, definition } = feed.channel;
  const position = place.kind === 'behind' ? { epoch: place.epoch, offset: place.cursor } : null;
  return { type: 'subscribed', channel: name, kind: definition.kind, start: 'reset', position };
}
