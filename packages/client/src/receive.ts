// From a text to the part it belongs to: checks every frame, reports what can't be read, never throws. Called by the
// connection for each message of the live socket; decides nothing about the connection itself.

import {
  decodeServerFrame,
  type GoodbyeFrame,
  type PongFrame,
  type RefusedFrame,
  type ServerFrame,
  type WelcomeFrame,
} from '@telltale/protocol';
import { tell } from './listeners.ts';
import type { Requests } from './requests.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { ClientLogger } from './types.ts';

export interface Receiver {
  /** When the newest message of any channel arrived. */
  readonly newestAt: number | undefined;
  readonly listeners: Set<(frame: ServerFrame | undefined, text: string) => void>;
  /** @param hasBegun whether there was a `welcome` */
  receive(text: string | undefined, hasBegun: boolean): void;
}

export interface ReceiverWorld {
  readonly now: () => number;
  readonly logger: ClientLogger;
  readonly isForeign: boolean;
  readonly requests: Requests;
  readonly subscriptions: Subscriptions;
  send(frame: object): boolean;
  onWelcome(frame: WelcomeFrame): void;
  onPong(frame: PongFrame): void;
  /** The server says why it is about to end it. */
  onSaid(frame: RefusedFrame | GoodbyeFrame): void;
}

export function createReceiver(world: ReceiverWorld): Receiver {
  const { now, logger, requests, subscriptions } = world;
  const listeners: Receiver['listeners'] = new Set();
  let newestAt: number | undefined;

  /** Applies a frame; false: it is none of the application's business. */
  function apply(frame: ServerFrame): boolean {
    switch (frame.type) {
      case 'welcome':
        world.onWelcome(frame);
        return true;
      case 'refused':
      case 'goodbye':
        world.onSaid(frame);
        return true;
      case 'subscribed':
        subscriptions.subscribed(frame);
        return true;
      case 'unsubscribed':
        subscriptions.unsubscribed(frame);
        return true;
      case 'messages': {
        const count = subscriptions.messages(frame);
        if (count) newestAt = now();
        return count !== undefined && (count > 0 || frame.messages.length === 0);
      }
      case 'result':
        return !requests.answer(frame.id, frame);
      case 'error':
        if (requests.answer(frame.id, frame)) return false;
        logger.warn('error', frame);
        return true;
      case 'ping':
        world.send({ type: 'pong', at: frame.at, time: now() });
        return false;
      case 'pong':
        world.onPong(frame);
        return false;
    }
  }

  return {
    listeners,
    get newestAt() {
      return newestAt;
    },
    receive(text, hasBegun) {
      if (world.isForeign && text !== undefined) return tell(listeners, logger, undefined, text);
      const decoded = decodeServerFrame(text ?? 'binary');
      if (decoded.kind !== 'frame') return logger.warn(`unreadable frame: ${decoded.reason}`);
      const { frame } = decoded;
      const { type } = frame;
      // A refusal comes instead of a welcome, everything else after it.
      if (type !== 'refused' && (type === 'welcome') === hasBegun) {
        return logger.warn(`unexpected frame: found ${type} ${hasBegun ? 'after' : 'before'} welcome`);
      }
      if (apply(frame)) tell(listeners, logger, frame, text as string);
    },
  };
}
