// One subscription on the wire per channel, however many listen: asks, resumes by position after a break, lets a
// channel go a while after its last listener. Called by the connection; the fold of each channel is channel.ts's.

import type {
  ErrorFrame,
  Limits,
  MessagesFrame,
  Since,
  SubscribedFrame,
  SubscribeFrame,
  UnsubscribedFrame,
  UnsubscribeFrame,
  WelcomeFrame,
} from '@telltale/protocol';
import { createChannel, type Channel } from './channel.ts';
import type { Environment } from './environment.ts';
import { tell } from './listeners.ts';
import type { Requests } from './requests.ts';
import type { ClientLogger, Freshness, SubscribeOptions, Subscription, SubscriptionEvent } from './types.ts';

interface Entry {
  readonly name: string;
  readonly channel: Channel;
  readonly listeners: Set<(event: SubscriptionEvent) => void>;
  since: Since | undefined;
  /** The id of our `subscribe` that is not answered yet: until then its frames are of a cursor that was replaced. */
  awaiting: number | undefined;
  /** The endpoint subscribed it, so it stays without listeners. */
  isEndpoint: boolean;
  cancel: () => void;
  healedAt: number;
}

export interface Subscriptions {
  subscribe(name: string, listener: (event: SubscriptionEvent) => void, options: SubscribeOptions): Subscription;
  welcome(frame: WelcomeFrame): void;
  lost(since: number): void;
  clear(): void;
  subscribed(frame: SubscribedFrame): void;
  /** The messages that were new; undefined: the frame was not for what we hold. */
  messages(frame: MessagesFrame): number | undefined;
  unsubscribed(frame: UnsubscribedFrame): void;
  /** Of all channels the one that is worst off; where there are none, how the line stands. */
  freshness(isOpen: boolean): Freshness;
}

export interface SubscriptionsWorld {
  readonly environment: Environment;
  readonly requests: Requests;
  readonly logger: ClientLogger;
  readonly lingerMs: number;
  /** False: no session. */
  send(frame: SubscribeFrame | UnsubscribeFrame): boolean;
  limits(): Limits | undefined;
}

const ignore = () => {};
const defaultKeep = 5_000;
const healMs = 10_000;
/** After a denial that may pass: this to twice this. */
const retryMs = 2_000;
const ranks: readonly Freshness['kind'][] = ['live', 'gap', 'catching-up', 'stale'];

export function createSubscriptions(world: SubscriptionsWorld): Subscriptions {
  const { environment, requests, logger } = world;
  const entries = new Map<string, Entry>();
  let ofLine: Freshness = { kind: 'catching-up' };

  function entryOf(name: string): Entry {
    let entry = entries.get(name);
    if (entry === undefined) {
      const listeners: Entry['listeners'] = new Set();
      const emit = (event: SubscriptionEvent) => {
        tell(listeners, logger, event);
      };
      const channel = createChannel(emit, (text) => logger.warn(`unexpected frame: ${text}`, { channel: name }));
      channel.keep = defaultKeep;
      entry = {
        name,
        channel,
        listeners,
        since: undefined,
        awaiting: undefined,
        isEndpoint: false,
        cancel: ignore,
        healedAt: -healMs,
      };
      entries.set(name, entry);
    }
    return entry;
  }
  function ask(entry: Entry): void {
    const limits = world.limits();
    if (limits === undefined) return;
    if ([...entries.keys()].indexOf(entry.name) >= limits.maxSubscriptions) {
      return entry.channel.deny(4429, `expected at most ${limits.maxSubscriptions} channels`, environment.now());
    }
    requests.drop(entry.awaiting);
    const id = requests.add((answer) => {
      if (entry.awaiting !== id) return;
      entry.awaiting = undefined;
      if (answer?.type === 'error') denied(entry, answer.code, answer.message, answer.retryable, answer);
    });
    entry.awaiting = id;
    const since = entry.channel.since ?? entry.since;
    world.send({ type: 'subscribe', id, channel: entry.name, ...(since === undefined ? {} : { since }) });
  }
  function denied(entry: Entry, code: number, reason: string, mayRetry: boolean, said?: ErrorFrame): void {
    logger.warn('subscription denied', { channel: entry.name, code, reason });
    entry.channel.deny(code, reason, environment.now());
    if (!mayRetry) return;
    const wait = said?.retryAfterMs ?? retryMs * (1 + environment.random());
    entry.cancel();
    entry.cancel = environment.after(wait, () => ask(entry));
  }
  function letGo(entry: Entry): void {
    entry.cancel();
    if (entry.isEndpoint) return;
    entry.cancel = environment.after(world.lingerMs, () => {
      entries.delete(entry.name);
      requests.drop(entry.awaiting);
      if (world.limits() !== undefined) {
        world.send({ type: 'unsubscribe', id: requests.add(ignore), channel: entry.name });
      }
    });
  }

  return {
    subscribe(name, listener, { since, keep }) {
      const isNew = !entries.has(name);
      const entry = entryOf(name);
      const { channel, listeners } = entry;
      const hadListeners = listeners.size > 0;
      let isClosed = false;
      let isPrimed = false;
      const own = (event: SubscriptionEvent) => {
        if (isPrimed) listener(event);
      };
      if (keep !== undefined) channel.keep = isNew || keep > channel.keep ? keep : channel.keep;
      // It keeps the channel subscribed at once, and hears nothing before it has been given what is held.
      listeners.add(own);
      if (isNew) {
        entry.since = since;
        ask(entry);
      } else if (!hadListeners) {
        entry.cancel();
        if (channel.denied !== undefined) ask(entry);
      }
      queueMicrotask(() => {
        isPrimed = !isClosed;
        channel.prime((event) => tell([own], logger, event));
      });
      // A view of the channel: what it holds, and a `close` of its own.
      const view = Object.create(channel) as Subscription & { channel: string; close: () => void };
      view.channel = name;
      view.close = () => {
        if (isClosed) return;
        isClosed = true;
        isPrimed = false;
        listeners.delete(own);
        if (listeners.size === 0) letGo(entry);
      };
      return view;
    },

    welcome(frame) {
      for (const entry of entries.values()) {
        const isEndpoint = frame.channels.includes(entry.name);
        if (entry.isEndpoint && !isEndpoint && entry.listeners.size === 0) entries.delete(entry.name);
        entry.isEndpoint = isEndpoint;
      }
      for (const name of frame.channels) entryOf(name).isEndpoint = true;
      for (const entry of entries.values()) {
        if (!entry.isEndpoint || entry.listeners.size > 0 || entry.channel.since) ask(entry);
      }
    },
    lost(since) {
      ofLine = { kind: 'stale', since };
      for (const entry of entries.values()) {
        entry.awaiting = undefined;
        entry.channel.stale(since);
      }
    },
    clear() {
      for (const { channel } of entries.values()) channel.clear();
    },
    subscribed(frame) {
      const entry = entries.get(frame.channel);
      // An answer to a question that was put anew, or the endpoint's own before our resume.
      if (entry === undefined || (entry.awaiting !== undefined && frame.id !== entry.awaiting)) return;
      requests.drop(frame.id);
      entry.awaiting = undefined;
      entry.channel.subscribed(frame);
    },
    messages(frame) {
      const entry = entries.get(frame.channel);
      if (entry === undefined || entry.awaiting !== undefined) return undefined;
      if (entry.channel.kind === undefined) {
        logger.warn('unexpected frame: messages before subscribed', { channel: entry.name });
        return undefined;
      }
      const count = entry.channel.messages(frame);
      if (count === undefined) {
        logger.warn('unexpected frame: unannounced epoch', { channel: entry.name });
        if (environment.now() - entry.healedAt >= healMs) {
          entry.healedAt = environment.now();
          ask(entry);
        }
      }
      return count;
    },
    unsubscribed({ channel, code, reason, retry }) {
      const entry = entries.get(channel);
      if (entry !== undefined) denied(entry, code, reason, retry);
    },
    freshness(isOpen) {
      const all = [...entries.values()].map(({ channel }) => channel.freshness);
      all.sort((one, other) => ranks.indexOf(other.kind) - ranks.indexOf(one.kind));
      return all[0] ?? (isOpen ? { kind: 'live' } : ofLine);
    },
  };
}
