// One session reading one channel: a cursor. Live subscriptions stand at their feed's flushed offset and carry no
// cursor of their own; only those behind do. Made and moved by Delivery and Feed, nobody else.

import type { Transport } from './transport.ts';
import type { Feed } from './feed.ts';
import type { Outgoing } from './outgoing.ts';

/** What delivery needs of a session. */
export interface Reader {
  readonly transport: Transport;
  /** Its subscriptions that are behind, who waits longest first. */
  catchingUp: readonly Subscription[];
  /** Whether what it caught up with last was a stream: then a table is next. */
  wasServedStream: boolean;
  /** Whether it waits for its turn to catch up. */
  isQueued: boolean;
  /** What the flush under way has for it; undefined between flushes. */
  outgoing: Outgoing | undefined;
  sentMessages: number;
}

export type SubscriptionPlace =
  /** The feed is not ready to be read yet. */
  | { readonly kind: 'waiting' }
  /** At the flushed offset, in the feed's live array. */
  | { readonly kind: 'live' }
  | PlaceBehind
  | { readonly kind: 'closed' };

export interface PlaceBehind {
  readonly kind: 'behind';
  /** The life of the log the cursor belongs to; undefined where there was no log. */
  readonly epoch: string | undefined;
  /** Beyond the feed's flushed offset where a table was read to its head. */
  cursor: number;
  /** Head of the log when a read from the beginning started: removals up to there need not be sent. */
  readonly freshHead: number;
  /** Monotonic. */
  readonly since: number;
}

/** One for all that are live: there are as many as viewers. */
export const live: SubscriptionPlace = { kind: 'live' };

export class Subscription {
  readonly reader: Reader;
  readonly feed: Feed;
  place: SubscriptionPlace = { kind: 'waiting' };
  /** Where it stands in the feed's live array, while it is live. */
  liveIndex: number = 0;
  /** Whether the application was told that it is behind, and has to be told that it has caught up. */
  isToldBehind: boolean = false;

  constructor(reader: Reader, feed: Feed) {
    this.reader = reader;
    this.feed = feed;
  }

  get channel(): string {
    return this.feed.channel.name;
  }
}

/** The one empty list of all readers, since nearly all of them are behind with nothing. */
export const noSubscriptions: readonly Subscription[] = [];

export function without(subscriptions: readonly Subscription[], left: Subscription): readonly Subscription[] {
  const rest = subscriptions.filter((other) => other !== left);
  return rest.length === 0 ? noSubscriptions : rest;
}
