// The messages of one room as an external store: pages of the hub's table by HTTP, live events from the line, one drawing
// per frame. What the messages are is room-fold.ts's.

import type { Connection, Freshness, Subscription, SubscriptionEvent } from '@telltale/client';
import type { ChatEvent, ChatMessage, ChatPage } from '@telltale/hub/api';
import { failureWords } from '../../session/api.ts';
import { createPace } from '../output/pace.ts';
import { createRoomFold, type RoomFold } from './room-fold.ts';

export interface RoomView {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  readonly isKnown: boolean;
  readonly hasOlder: boolean;
  readonly older: OlderState;
  /** Why the newest page was not loaded. */
  readonly problem: string | undefined;
  readonly freshness: Freshness;
  readonly denied: { readonly code: number; readonly reason: string } | undefined;
}

export type OlderState = { readonly kind: 'shut' | 'opening' } | { readonly kind: 'failed'; readonly why: string };

export interface RoomLog {
  readonly get: () => RoomView;
  readonly subscribe: (listener: () => void) => () => void;
  /** Fetches the page before the first message; resolves when it is drawn, or has failed and the view says so. */
  readonly openOlder: () => Promise<void>;
  /** Fetches older pages until a message is here; false: it is not there any more. */
  readonly openTo: (offset: number) => Promise<boolean>;
  /** Whether the newest message is in view: then what is far above may be let go. */
  readonly follow: (isFollowing: boolean) => void;
  /** Whether somebody looks at it. */
  readonly isOpen: () => boolean;
}

export interface RoomSource {
  readonly connection: Pick<Connection, 'subscribe'>;
  readonly room: string;
  /** @param before undefined: the newest */
  readonly fetchPage: (before: number | undefined, limit: number) => Promise<ChatPage>;
  readonly frame: (run: () => void) => void;
  /** A message that carries `once` is here: its sender has it. */
  readonly onOwn: (producer: string, offset: number) => void;
  /** What is here up to this offset is about to be drawn. */
  readonly onSeen: (offset: number) => void;
}

const pageSize = 100;
/** Most pages fetched in one go, for an old answer or after a long absence. */
const mostPages = 100;
/** While the newest is followed so many stay, and are cut when they are twice as many. */
const followed = 1_000;
const againMs = 2_000;

export function createRoomLog(source: RoomSource): RoomLog {
  const { connection, room, fetchPage, frame, onOwn, onSeen } = source;
  let fold: RoomFold = createRoomFold();
  let freshness: Freshness = { kind: 'catching-up' };
  let denied: RoomView['denied'];
  let problem: string | undefined;
  let older: OlderState = { kind: 'shut' };
  let isFollowing = true;
  let subscription: Subscription | undefined;
  let asking: Promise<void> | undefined;
  let opening: Promise<void> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  const viewed = (): RoomView => ({
    messages: fold.messages,
    isKnown: fold.isKnown,
    hasOlder: fold.hasOlder,
    older,
    problem,
    freshness,
    denied,
  });
  let view = viewed();
  let drawn: (() => void)[] = [];
  const pace = createPace({
    frame,
    apartMs: () => 30,
    run() {
      view = viewed();
      // Before others are told, so that what waited and what has come are one drawing.
      onSeen(fold.offset);
      for (const listener of listeners) listener();
      const waiting = drawn;
      drawn = [];
      for (const resolve of waiting) resolve();
    },
  });
  const untilDrawn = async (): Promise<void> => {
    pace.soon();
    if (subscription !== undefined) await new Promise<void>((resolve) => drawn.push(resolve));
  };

  /** Fetches the page before the first message into `into`; false: there is none, or it did not fit. */
  const fetchBefore = async (into: RoomFold): Promise<boolean> => {
    const first = into.messages[0];
    if (first === undefined || !into.hasOlder) return false;
    return into.takeOlder(await fetchPage(first.offset, pageSize)) && into.messages[0] !== first;
  };
  const fetchNewest = async (): Promise<void> => {
    const into = fold;
    const reach = isFollowing ? Infinity : (into.messages[0]?.offset ?? Infinity);
    into.takeNewest(await fetchPage(undefined, pageSize));
    // Who reads further back stays where they are.
    for (let pages = 0; pages < mostPages && (into.messages[0]?.offset ?? 0) > reach; pages += 1) {
      if (!(await fetchBefore(into))) break;
    }
  };
  /** Brings the fold up to date, one fetch at a time, until nothing is missing. */
  const catchUp = (): void => {
    clearTimeout(again);
    if (asking !== undefined || subscription === undefined || (fold.isKnown && !fold.isBehind)) return;
    const asker = subscription;
    asking = fetchNewest()
      .then(
        () => {
          problem = undefined;
          return 0;
        },
        (error: unknown) => {
          problem = failureWords(error);
          return againMs;
        },
      )
      .then((waitMs) => {
        asking = undefined;
        // Asked before the room was opened again: what was said in between is in neither.
        if (subscription !== asker && fold.isKnown) fold.lose();
        pace.soon();
        if (!fold.isKnown || fold.isBehind) again = setTimeout(catchUp, Math.max(waitMs, fold.isKnown ? 200 : 0));
      });
  };

  const hear = (event: SubscriptionEvent<ChatEvent>): void => {
    switch (event.type) {
      case 'messages':
        if (event.gap !== undefined) fold.lose();
        for (const epoch of new Set(event.messages.map((message) => message.epoch))) {
          fold.takeEvents(
            epoch,
            event.messages.filter((message) => message.epoch === epoch),
          );
        }
        for (const { once, offset } of event.messages) if (once !== undefined) onOwn(once.producer, offset);
        if (isFollowing && fold.messages.length > 2 * followed) fold.trim(followed);
        break;
      case 'freshness':
        freshness = event.freshness;
        if (freshness.kind === 'gap') subscription?.acknowledgeGap();
        break;
      case 'reset':
        fold.lose();
        break;
      case 'denied':
        denied = { code: event.code, reason: event.reason };
        break;
      case 'cleared':
        fold = createRoomFold();
        denied = undefined;
        break;
    }
    catchUp();
    pace.ask();
  };

  const openOlder = (): Promise<void> => {
    opening ??= (async () => {
      older = { kind: 'opening' };
      pace.soon();
      try {
        await fetchBefore(fold);
        older = { kind: 'shut' };
      } catch (error) {
        older = { kind: 'failed', why: failureWords(error) };
      }
      opening = undefined;
      await untilDrawn();
    })();
    return opening;
  };

  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener);
      if (subscription === undefined) {
        // Nothing of the log is asked for: the page has it, and what comes during its way is held for it.
        subscription = connection.subscribe<ChatEvent>(`chat/${room}`, hear);
        // Opened again: nobody told what was said while it was shut.
        if (fold.isKnown) fold.lose();
        catchUp();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        subscription?.close();
        subscription = undefined;
        clearTimeout(again);
        pace.stop();
      };
    },
    openOlder,
    async openTo(offset) {
      const has = (): boolean => fold.messages.some((message) => message.offset === offset);
      for (let pages = 0; pages < mostPages && !has(); pages += 1) {
        if (!fold.hasOlder || (fold.messages[0]?.offset ?? 0) <= offset) return false;
        await openOlder();
        if (older.kind === 'failed') return false;
      }
      return has();
    },
    follow(following) {
      isFollowing = following;
    },
    isOpen: () => subscription !== undefined,
  };
}
