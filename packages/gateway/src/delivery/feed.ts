// One channel as this process delivers it: the followed log, how far it has been flushed, and who stands there. Nothing
// here compares cursors: who is live is in one dense array, who is behind waits with the catch-up.

import type { Following } from '../broker/broker.ts';
import type { Channel } from '../channels/definition.ts';
import type { ChannelLog } from '../log/channel-log.ts';
import { live, type Subscription } from './subscription.ts';

export class Feed {
  readonly channel: Channel;
  following: Following | undefined;
  /** The life of the log that was flushed last; undefined before there was one. */
  epoch: string | undefined;
  /** Offset up to which the live subscriptions have been sent everything. */
  flushed: number = 0;
  readonly live: Subscription[] = [];
  /** All subscriptions, live, behind and waiting. */
  readonly subscriptions: Set<Subscription> = new Set();
  isDirty: boolean = false;
  /** Monotonic time before which this feed is not flushed again; a channel may take several ticks. */
  nextFlushAt: number = -Infinity;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  get log(): ChannelLog | undefined {
    return this.following?.log;
  }

  /** Begins to deliver: everything appended before counts as flushed, since nobody stood here. */
  open(following: Following): void {
    this.following = following;
    this.epoch = following.log?.epoch;
    this.flushed = following.log?.head ?? 0;
  }

  join(subscription: Subscription): void {
    subscription.place = live;
    subscription.liveIndex = this.live.length;
    this.live.push(subscription);
  }

  /** Takes a live subscription out; the last one takes its place. */
  leave(subscription: Subscription): void {
    if (subscription.place.kind !== 'live') return;
    const last = this.live.pop() as Subscription;
    if (last !== subscription) {
      this.live[subscription.liveIndex] = last;
      last.liveIndex = subscription.liveIndex;
    }
    subscription.place = { kind: 'closed' };
  }
}
