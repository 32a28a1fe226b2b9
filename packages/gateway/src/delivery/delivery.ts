// Brings what logs took to who subscribed: the flush for those who are live, the catch-up for those who are not. There is
// no queue per viewer: a viewer that cannot keep up has an old cursor and nothing else. Sessions subscribe here; it knows
// neither frames of clients nor sockets.

import type { Since, SubscribedFrame } from '@telltale/protocol';
import type { Broker } from '../broker/broker.ts';
import type { Channel } from '../channels/definition.ts';
import type { Clock } from '../clock.ts';
import type { ChannelLog } from '../log/channel-log.ts';
import type { MessagesFrameBytes } from '../log/segment.ts';
import { jsonFrame } from '../log/websocket-frame.ts';
import { beginningOf, CatchUp } from './catch-up.ts';
import { type DeliveryCounts, DeliveryTally } from './delivery-tally.ts';
import { Feed } from './feed.ts';
import { FlushClock } from './flush-clock.ts';
import { Outgoing } from './outgoing.ts';
import { windowBounds } from './send-window.ts';
import { type Reader, Subscription } from './subscription.ts';

/** Bytes after which a flush lets a viewer answer before it sends more: a burst must not pass by the window (DLV2). */
const burstBytes = 2 * windowBounds.first;

/** Whom a flush of several logs has something for. */
interface Touched {
  readonly readers: Reader[];
  /** Where everybody's chain begins. */
  readonly nothing: Outgoing;
}

export interface DeliveryOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  /** Common tick of all logs, in milliseconds. */
  readonly flushMs: number;
  /** A channel got its first reader, or lost its last. */
  readonly onInterest: (channel: string, hasReaders: boolean) => void;
  /** Following a channel failed: the subscription is over. */
  readonly onLost: (subscription: Subscription, error: unknown) => void;
  /** A subscription of which it was told that it is behind is live again. */
  readonly onCaughtUp?: (subscription: Subscription) => void;
  /** A reader was told that these offsets, inclusive, are gone. */
  readonly onGap?: (subscription: Subscription, from: number, to: number) => void;
}

export class Delivery {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #onInterest: DeliveryOptions['onInterest'];
  readonly #onLost: DeliveryOptions['onLost'];
  readonly #feeds = new Map<string, Feed>();
  readonly #flushMs: number;
  readonly #flushClock: FlushClock;
  readonly #catchUp: CatchUp;
  #dirty: Feed[] = [];
  readonly #tally = new DeliveryTally();

  constructor({ broker, clock, flushMs, onInterest, onLost, onCaughtUp, onGap }: DeliveryOptions) {
    this.#broker = broker;
    this.#clock = clock;
    this.#onInterest = onInterest;
    this.#onLost = onLost;
    this.#flushMs = flushMs;
    this.#flushClock = new FlushClock(clock, flushMs, () => this.#flush());
    const nothing = (): void => {};
    this.#catchUp = new CatchUp(clock, this.#tally, {
      flush: (feed) => this.#flushFeed(feed, undefined, clock.monotonic()),
      onCaughtUp: onCaughtUp ?? nothing,
      onGap: onGap ?? nothing,
    });
  }

  /**
   * Lets a reader read a channel. `subscribed` is sent as soon as the log is here, then the messages; the answer can be
   * given back to `unsubscribe` at once.
   */
  subscribe(reader: Reader, channel: Channel, since: Since | undefined, id: number | undefined): Subscription {
    const feed = this.#feed(channel);
    const subscription = new Subscription(reader, feed);
    feed.subscriptions.add(subscription);
    if (feed.subscriptions.size === 1) this.#onInterest(channel.name, true);
    const begin = (): void => this.#begin(subscription, since, id);
    if (feed.following !== undefined) begin();
    else this.#follow(feed, subscription, begin);
    return subscription;
  }

  /** After this nothing more of that channel is sent to the reader. */
  unsubscribe(subscription: Subscription): void {
    const { feed } = subscription;
    if (!feed.subscriptions.delete(subscription)) return;
    feed.leave(subscription);
    this.#catchUp.remove(subscription);
    subscription.place = { kind: 'closed' };
    if (feed.subscriptions.size > 0) return;
    feed.following?.release();
    this.#feeds.delete(feed.channel.name);
    this.#onInterest(feed.channel.name, false);
  }

  /** A congested peer has answered: who is behind goes on. */
  resume(reader: Reader): void {
    this.#catchUp.wake(reader);
  }

  hasReaders(channel: string): boolean {
    return this.#feeds.has(channel);
  }

  /** Flushes everything now; before a stop. */
  flushNow(): void {
    for (const feed of this.#dirty) feed.nextFlushAt = -Infinity;
    this.#flushClock.run();
  }

  get figures(): DeliveryCounts & { readonly behind: number } {
    let behind = 0;
    for (const { subscriptions, live } of this.#feeds.values()) behind += subscriptions.size - live.length;
    return { ...this.#tally.counts, behind };
  }

  stop(): void {
    this.#flushClock.stop();
    this.#catchUp.stop();
    for (const feed of this.#feeds.values()) feed.following?.release();
    this.#feeds.clear();
  }

  #feed(channel: Channel): Feed {
    let feed = this.#feeds.get(channel.name);
    if (feed === undefined) {
      feed = new Feed(channel);
      this.#feeds.set(channel.name, feed);
    }
    return feed;
  }

  #follow(feed: Feed, subscription: Subscription, begin: () => void): void {
    const onChange = (): void => this.#markDirty(feed);
    const following = this.#broker.follow(feed.channel.name, feed.channel.bounds, onChange);
    if (!(following instanceof Promise)) {
      feed.open(following);
      begin();
      return;
    }
    following.then(
      (opened) => {
        if (feed.following !== undefined || feed.subscriptions.size === 0) opened.release();
        else feed.open(opened);
        if (subscription.place.kind !== 'closed') begin();
      },
      (error: unknown) => {
        if (subscription.place.kind !== 'closed') this.#onLost(subscription, error);
      },
    );
  }

  #begin(subscription: Subscription, since: Since | undefined, id: number | undefined): void {
    const { feed, reader } = subscription;
    const { log } = feed;
    const { start, offset } = this.#startOf(feed, log, since);
    const now = this.#clock.monotonic();
    // A cursor ahead of the flush would be sent the rest twice: once the flush has passed it, it is one like others.
    if (offset > feed.flushed) this.#flushFeed(feed, undefined, now);
    subscription.place =
      log === undefined
        ? { kind: 'behind', epoch: undefined, cursor: 0, freshHead: 0, since: now }
        : { ...beginningOf(log, now), cursor: offset, freshHead: start === 'resumed' ? 0 : log.head };
    const frame: SubscribedFrame = {
      type: 'subscribed',
      ...(id === undefined ? {} : { id }),
      channel: feed.channel.name,
      kind: feed.channel.definition.kind,
      start,
      position: log === undefined ? null : { epoch: log.epoch, offset },
    };
    reader.transport.send([jsonFrame(frame)]);
    this.#catchUp.add(subscription);
  }

  #startOf(feed: Feed, log: ChannelLog | undefined, since: Since | undefined): ReturnType<ChannelLog['resume']> {
    const { kind, first } = feed.channel.definition;
    // A position in a log that is gone: what it had is lost, and whoever asks must know.
    if (log === undefined) return { start: since !== undefined && 'epoch' in since ? 'reset' : 'fresh', offset: 0 };
    if (since !== undefined && 'epoch' in since) return log.resume(since);
    const wanted = since ?? (kind === 'table' ? undefined : first);
    if (wanted === undefined) return { start: 'fresh', offset: log.beginning };
    if ('epoch' in wanted) return { ...log.resume(wanted), start: 'fresh' };
    return { start: 'fresh', offset: log.startOf(wanted, this.#clock.monotonic()) };
  }

  #markDirty(feed: Feed): void {
    if (feed.isDirty) return;
    feed.isDirty = true;
    this.#dirty.push(feed);
    this.#flushClock.request();
  }

  #flush(): void {
    const due: Feed[] = [];
    const later: Feed[] = [];
    const now = this.#clock.monotonic();
    for (const feed of this.#dirty) (feed.nextFlushAt <= now ? due : later).push(feed);
    this.#dirty = later;
    if (due.length > 0) this.#tally.flushed();
    // One log: its frames go out as they are. Several: what touches a session is collected and leaves in one write.
    const touched: Touched | undefined = due.length > 1 ? { readers: [], nothing: new Outgoing() } : undefined;
    for (const feed of due) {
      feed.isDirty = false;
      // Half a tick of tolerance, or a timer that fires early by a hair would cost a whole tick.
      feed.nextFlushAt = now + (feed.channel.definition.flushEvery - 0.5) * this.#flushMs;
      this.#flushFeed(feed, touched, now);
    }
    for (const reader of touched?.readers ?? []) this.#sendOutgoing(reader, now);
    if (later.length > 0) this.#flushClock.request();
  }

  #flushFeed(feed: Feed, touched: Touched | undefined, now: number): void {
    const { log } = feed;
    if (log === undefined) return;
    const from = feed.flushed;
    const isAnew = feed.epoch !== undefined && feed.epoch !== log.epoch;
    if (isAnew || log.hasForgotten(from)) return this.#startOver(feed, log);
    feed.epoch = log.epoch;
    feed.flushed = log.head;
    if (feed.live.length === 0 || log.head === from) return;
    const read: MessagesFrameBytes[] = [];
    let count = 0;
    let bytes = 0;
    let cursor = from;
    while (cursor < log.head && bytes < burstBytes) {
      const frame = log.read(cursor, log.head, { withoutTombstones: 0 });
      read.push(frame);
      count += frame.count;
      bytes += frame.buffer.length;
      cursor = frame.to;
    }
    const joined = Math.max(0, count - read.length);
    const plain = read.map(({ buffer }) => buffer);
    const { isCompressed } = feed.channel.definition;
    let deflated: readonly Buffer[] | undefined;
    // Backwards, because who falls behind leaves the array and the last one takes the place.
    for (let index = feed.live.length - 1; index >= 0; index--) {
      const subscription = feed.live[index] as Subscription;
      const { reader } = subscription;
      if (reader.transport.isCongested) {
        this.#fallBehind(subscription, log.epoch, from);
        continue;
      }
      reader.sentMessages += count;
      this.#tally.delivered(count, joined);
      const isDeflated = isCompressed && reader.transport.inflates;
      const frames = isDeflated ? (deflated ??= read.map((frame) => frame.deflated.buffer)) : plain;
      if (touched === undefined) {
        this.#tally.wrote();
        reader.transport.send(frames, now);
      } else {
        if (reader.outgoing === undefined) touched.readers.push(reader);
        let outgoing = reader.outgoing ?? touched.nothing;
        for (const frame of frames) outgoing = outgoing.with(frame);
        reader.outgoing = outgoing;
        if (outgoing.bytes >= burstBytes) this.#sendOutgoing(reader, now);
      }
      // The rest of a burst goes in turns, each when the peer has answered for what it got.
      if (cursor < log.head) this.#fallBehind(subscription, log.epoch, cursor);
    }
  }

  /** The log began a new life: everybody who stood in the old one reads the new one from its beginning. */
  #startOver(feed: Feed, log: ChannelLog): void {
    const old = feed.epoch as string;
    const { flushed } = feed;
    feed.epoch = log.epoch;
    feed.flushed = log.head;
    for (const subscription of [...feed.live]) this.#fallBehind(subscription, old, flushed);
  }

  #fallBehind(subscription: Subscription, epoch: string, cursor: number): void {
    subscription.feed.leave(subscription);
    subscription.place = { kind: 'behind', epoch, cursor, freshHead: 0, since: this.#clock.monotonic() };
    this.#tally.fellBehind();
    this.#catchUp.add(subscription);
  }

  #sendOutgoing(reader: Reader, now: number): void {
    const { outgoing } = reader;
    reader.outgoing = undefined;
    if (outgoing === undefined) return;
    this.#tally.wrote();
    const { transport } = reader;
    // Who reads slowly would wait for all of it before it sees any.
    transport.send(transport.joins && !transport.isSlow ? outgoing.takeAsMessage() : outgoing.take(), now);
  }
}
