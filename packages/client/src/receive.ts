// From a text to the part it belongs to: checks every frame, reports what can't be read, never throws. Called by the
// connection for each message of the live socket; decides nothing about the connection itself.

import {
  decodeServerMessage,
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
  receive(text: string | undefined): void;
}

export interface ReceiverWorld {
  readonly now: () => number;
  readonly logger: ClientLogger;
  readonly isForeign: boolean;
  readonly requests: Requests;
  readonly subscriptions: Subscriptions;
  send(frame: object): boolean;
  /** Of the session that there was a `welcome` of. */
  limits(): object | undefined;
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

  /** @param text undefined: it came with others in one message */
  function take(frame: ServerFrame, text: string | undefined): void {
    const { type } = frame;
    text ??= listeners.size ? JSON.stringify(frame) : '';
    // A refusal comes instead of a welcome, everything else after it.
    if (type !== 'refused' && (type === 'welcome') === !!world.limits()) {
      logger.warn(`unexpected frame: found ${type}`);
    } else if (apply(frame)) {
      tell(listeners, logger, frame, text);
    }
  }

  return {
    listeners,
    get newestAt() {
      return newestAt;
    },
    receive(text) {
      if (world.isForeign && text !== undefined) return tell(listeners, logger, undefined, text);
      decodeServerMessage(text ?? 'binary').every((decoded, _, { length }) => {
        if (decoded.kind === 'frame') take(decoded.frame, length > 1 ? undefined : text);
        else logger.warn(`unexpected frame: ${decoded.reason}`);
        // Whoever was told of one may have ended the session that the others belong to.
        return world.limits();
      });
    },
  };
}
