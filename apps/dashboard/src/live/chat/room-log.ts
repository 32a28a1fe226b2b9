// The messages of one room as an external store: pages of the hub's table by HTTP, live events from the line, one drawing
// per frame. What the messages are is room-fold.ts's, where in the room somebody reads room-past.ts's.

import type { Connection, Freshness, Subscription, SubscriptionEvent } from '@telltale/client';
import type { ChatEvent, ChatMessage } from '@telltale/hub/api';
import { failureWords } from '../../session/api.ts';
import { createPace } from '../output/pace.ts';
import { createRoomFold, type RoomFold } from './room-fold.ts';
import { createRoomPages, type FetchPage } from './room-pages.ts';
import { createRoomPast, firstOf, mostHeld } from './room-past.ts';

export interface RoomView {
  /** What is read, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** The ones that the line adds to: the same, unless a part of the past is read. */
  readonly newest: readonly ChatMessage[];
  readonly isKnown: boolean;
  readonly hasOlder: boolean;
  readonly older: PageState;
  /** A part of the past is read, and has not reached the newest. */
  readonly hasNewer: boolean;
  readonly newer: PageState;
  /** Why the newest page was not loaded. */
  readonly problem: string | undefined;
  readonly freshness: Freshness;
  readonly denied: { readonly code: number; readonly reason: string } | undefined;
}

export type PageState = { readonly kind: 'shut' | 'opening' } | { readonly kind: 'failed'; readonly why: string };

/** Why a message is not shown. `gone`: it is not in the room, or not any more. */
export type Missed = { readonly kind: 'gone' } | { readonly kind: 'failed'; readonly why: string };

/** What became of going to a message. `left`: somebody went back to the newest meanwhile, or shut the room. */
export type Opened = { readonly kind: 'here' } | { readonly kind: 'left' } | Missed;

export interface RoomLog {
  readonly get: () => RoomView;
  readonly subscribe: (listener: () => void) => () => void;
  /** Fetches the page before the first message; resolves when it is drawn, or has failed and the view says so. */
  readonly openOlder: () => Promise<void>;
  /** The same behind the last message, while a part of the past is read. */
  readonly openNewer: () => Promise<void>;
  /** Brings a message here, however far back it is, with what is around it. */
  readonly openTo: (offset: number) => Promise<Opened>;
  /** Leaves the past for the newest messages; resolves when they are drawn. */
  readonly toNewest: () => Promise<void>;
  /** Whether the newest message is in view: then what is far above is let go, else what is read stays. */
  readonly follow: (isFollowing: boolean) => void;
  /** Whether somebody looks at it. */
  readonly isOpen: () => boolean;
}

export interface RoomSource {
  readonly connection: Pick<Connection, 'subscribe'>;
  readonly room: string;
  readonly fetchPage: FetchPage;
  readonly frame: (run: () => void) => void;
  /** A message that carries `once` is here: its sender has it. */
  readonly onOwn: (producer: string, offset: number) => void;
  /** What is here up to this offset is about to be drawn. */
  readonly onSeen: (offset: number) => void;
}

const againMs = 2_000;

export function createRoomLog(source: RoomSource): RoomLog {
  const { connection, room, frame, onOwn, onSeen } = source;
  const pages = createRoomPages(source.fetchPage);
  let fold: RoomFold = createRoomFold();
  const past = createRoomPast(pages, () => fold);
  let freshness: Freshness = { kind: 'catching-up' };
  let denied: RoomView['denied'];
  let problem: string | undefined;
  let older: PageState = { kind: 'shut' };
  let newer: PageState = { kind: 'shut' };
  let isFollowing = true;
  let subscription: Subscription | undefined;
  let asking: Promise<void> | undefined;
  let opening: Promise<void> | undefined;
  let openingNewer: Promise<void> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  const viewed = (): RoomView => ({
    messages: past.shown.messages,
    newest: fold.messages,
    isKnown: fold.isKnown,
    hasOlder: past.shown.hasOlder,
    older,
    hasNewer: past.isOpen,
    newer,
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

  const isMissing = (): boolean => !fold.isKnown || fold.isBehind || past.isBehind;
  const bring = async (): Promise<void> => {
    const into = fold;
    if (!into.isKnown || into.isBehind) {
      // Who reads further back stays where they are.
      const first = isFollowing ? Infinity : firstOf(into);
      await pages.anew(into, { end: undefined, first });
    }
    await past.bring();
  };
  /** Brings what is held up to date, one fetch at a time, until nothing is missing. */
  const catchUp = (): void => {
    clearTimeout(again);
    if (asking !== undefined || subscription === undefined || !isMissing()) return;
    const asker = subscription;
    asking = bring()
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
        if (isMissing()) again = setTimeout(catchUp, Math.max(waitMs, fold.isKnown ? 200 : 0));
      });
  };

  const lose = (): void => {
    for (const one of [fold, ...past.parts]) one.lose();
  };
  const hear = (event: SubscriptionEvent<ChatEvent>): void => {
    switch (event.type) {
      case 'messages':
        if (event.gap !== undefined) lose();
        for (const epoch of new Set(event.messages.map((message) => message.epoch))) {
          const own = event.messages.filter((message) => message.epoch === epoch);
          for (const one of [fold, ...past.parts]) one.takeEvents(epoch, own);
        }
        for (const { once, offset } of event.messages) if (once !== undefined) onOwn(once.producer, offset);
        if (fold.messages.length > 2 * mostHeld) {
          // Whoever reads further up keeps all of it; what comes is held apart, and let go of like what is followed.
          if (!isFollowing) past.stay();
          fold.trim(mostHeld);
        }
        break;
      case 'freshness':
        freshness = event.freshness;
        if (freshness.kind === 'gap') subscription?.acknowledgeGap();
        break;
      case 'reset':
        lose();
        break;
      case 'denied':
        denied = { code: event.code, reason: event.reason };
        break;
      case 'cleared':
        fold = createRoomFold();
        past.leave();
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
        await past.goBack();
        older = { kind: 'shut' };
      } catch (error) {
        older = { kind: 'failed', why: failureWords(error) };
      }
      opening = undefined;
      await untilDrawn();
    })();
    return opening;
  };
  const openNewer = (): Promise<void> => {
    openingNewer ??= (async () => {
      newer = { kind: 'opening' };
      try {
        await past.goOn();
        catchUp();
        newer = { kind: 'shut' };
      } catch (error) {
        newer = { kind: 'failed', why: failureWords(error) };
      }
      openingNewer = undefined;
      await untilDrawn();
    })();
    return openingNewer;
  };
  const openTo = async (offset: number): Promise<Opened> => {
    isFollowing = false;
    const begun = past.leaves;
    try {
      for (let tries = 0; tries < 3; tries += 1) {
        const isThere = await past.goTo(offset);
        older = { kind: 'shut' };
        newer = { kind: 'shut' };
        catchUp();
        await untilDrawn();
        if (past.leaves !== begun) return { kind: 'left' };
        // Unless all of it was fetched anew meanwhile, after a break of the line.
        const isHere = view.messages.some((message) => message.offset === offset);
        if (!isThere || isHere) return { kind: isHere ? 'here' : 'gone' };
      }
      return { kind: 'gone' };
    } catch (error) {
      return past.leaves === begun ? { kind: 'failed', why: failureWords(error) } : { kind: 'left' };
    }
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
        // Whoever comes back begins with the newest.
        past.leave();
        view = viewed();
      };
    },
    openOlder,
    openNewer,
    openTo,
    async toNewest() {
      const wasOpen = past.isOpen;
      past.leave();
      if (wasOpen) await untilDrawn();
    },
    follow(following) {
      isFollowing = following;
    },
    isOpen: () => subscription !== undefined,
  };
}
