// The messages of one room, or a part of its past: pages of the hub's folded table and the live events behind them, joined by
// position. In whatever order they come, each message is there once and as its newest event left it. Pure: knows no socket or
// clock.

import type { ChatMessage, ChatPage } from '@telltale/hub/api';
import type { Once, Sender } from '@telltale/protocol';
import { changed, messageOf, type ChatChange } from './apply-event.ts';
import { chatEventOf } from './chat-event.ts';

/** A message of the stream `chat/<room>` as the line brings it. */
export interface RoomEvent {
  readonly offset: number;
  readonly time: number;
  readonly from?: Sender;
  readonly once?: Once;
  readonly data: unknown;
}

export interface RoomFold {
  /** Oldest first; another array after each change. */
  readonly messages: readonly ChatMessage[];
  /** Whether the first page has come. */
  readonly isKnown: boolean;
  /** Events are missing: only a newest page brings it up to date. */
  readonly isBehind: boolean;
  /** The hub has older messages than the first one here. */
  readonly hasOlder: boolean;
  /** Up to here everything is in `messages`. */
  readonly offset: number;
  /** Takes the newest page, of a part the one at its end. */
  takeNewest(page: ChatPage): void;
  /** Takes the page before the first message; false: it does not fit any more, and is to be fetched again. */
  takeOlder(page: ChatPage): boolean;
  /** As `takeOlder`, with a page that has everything from the last message on up to its own. */
  takeNewer(page: ChatPage): boolean;
  takeEvents(epoch: string, events: readonly RoomEvent[]): void;
  /** Events were lost on the way, or the log began anew. */
  lose(): void;
  /** Lets go of all but so many of the newest; they can be fetched again. */
  trim(most: number): void;
  /** Lets go of all but so many of the oldest. */
  trimEnd(most: number): void;
  /** What is here as a part of the past, which from now on is folded by itself. */
  part(): RoomFold;
  /** What is here as a page of the hub's. */
  readonly page: ChatPage;
}

interface Held {
  readonly message: ChatMessage;
  /** Events up to here are in it. */
  readonly asOf: number;
}

/** Events that wait for a page, and changes that an older page on its way may not know yet. */
const mostKept = 1_000;

interface Start {
  /** What is said now stands behind the last message of `newest`, and not of a part of the past. */
  readonly kind: 'newest' | 'part';
  readonly held: readonly Held[];
  readonly epoch: string | undefined;
  readonly offset: number;
  readonly isKnown: boolean;
  readonly isBehind: boolean;
  readonly hasOlder: boolean;
  /** The newest changes, oldest first. */
  readonly changes: readonly { readonly offset: number; readonly time: number; readonly change: ChatChange }[];
  /** Changes up to here are not kept any more. */
  readonly forgotten: number;
}

export function createRoomFold(kind: Start['kind'] = 'newest'): RoomFold {
  const nothing = { held: [], epoch: undefined, offset: 0, changes: [], forgotten: 0 };
  return foldFrom({ kind, ...nothing, isKnown: false, isBehind: false, hasOlder: false });
}

function foldFrom(start: Start): RoomFold {
  const { kind } = start;
  let { held, epoch, offset, isKnown, isBehind, hasOlder, changes, forgotten } = start;
  let messages: readonly ChatMessage[] | undefined;
  /** Came while no page was there to fold them onto. */
  let early: readonly (RoomEvent & { readonly epoch: string })[] = [];

  const replace = (index: number, next: Held): void => {
    held = held.with(index, next);
  };
  const note = (change: ChatChange, at: number, time: number): void => {
    changes = [...changes, { offset: at, time, change }];
    if (changes.length > mostKept) {
      forgotten = changes[0]?.offset ?? 0;
      changes = changes.slice(1);
    }
    const index = indexOf(held, change.message);
    const found = held[index];
    if (found === undefined || found.asOf >= at) return;
    replace(index, { message: changed(found.message, change, time), asOf: at });
  };
  const apply = (event: RoomEvent): void => {
    offset = event.offset;
    const said = chatEventOf(event.data);
    if (said === undefined) return;
    const { time } = event;
    if (said.type !== 'said') note(said, event.offset, time);
    else if (kind === 'newest' && (held.at(-1)?.message.offset ?? 0) < event.offset) {
      held = [...held, { message: messageOf(said, { ...event, from: event.from }), asOf: event.offset }];
    }
  };
  /** Folds on what is next; what is not waits for a page. */
  const follow = (life: string, events: readonly RoomEvent[]): void => {
    for (const [index, event] of events.entries()) {
      if (life === epoch && event.offset <= offset) continue;
      const isNext = life === epoch ? event.offset === offset + 1 : epoch === undefined && event.offset === 1;
      if (!isKnown || isBehind || !isNext) {
        isBehind = isKnown;
        early = [...early, ...events.slice(index).map((one) => ({ ...one, epoch: life }))].slice(-mostKept);
        return;
      }
      epoch = life;
      apply(event);
    }
  };

  /** A page's messages, with the changes that came while it was on its way; undefined: it does not fit. */
  const fitted = (page: ChatPage): readonly Held[] | undefined => {
    const asOf = page.position?.offset ?? 0;
    if (page.position?.epoch !== epoch || asOf < forgotten) return undefined;
    const later = changes.filter((one) => one.offset > asOf);
    return page.messages.map((message): Held => {
      const own = later.filter(({ change }) => change.message === message.offset);
      return {
        message: own.reduce((so, { change, time }) => changed(so, change, time), message),
        asOf: Math.max(asOf, own.at(-1)?.offset ?? 0),
      };
    });
  };

  return {
    get messages() {
      return (messages ??= held.map(({ message }) => message));
    },
    get isKnown() {
      return isKnown;
    },
    get isBehind() {
      return isBehind;
    },
    get hasOlder() {
      return hasOlder;
    },
    get offset() {
      return offset;
    },
    takeNewest(page) {
      const { position } = page;
      const asOf = position?.offset ?? 0;
      // An answer that was long on its way knows less than what is here.
      if (isKnown && !isBehind && position?.epoch === epoch && asOf < offset) return;
      isKnown = true;
      isBehind = false;
      epoch = position?.epoch;
      offset = asOf;
      hasOlder = page.more;
      held = page.messages.map((message) => ({ message, asOf }));
      changes = [];
      forgotten = asOf;
      messages = undefined;
      const waiting = early;
      early = [];
      for (const life of new Set(waiting.map((event) => event.epoch))) {
        // A life that ended before this page: its events are in it, or gone with it.
        if (epoch !== undefined && life !== epoch) continue;
        follow(
          life,
          waiting.filter((event) => event.epoch === life),
        );
      }
      messages = undefined;
    },
    takeOlder(page) {
      const first = held[0]?.message.offset ?? Infinity;
      const older = fitted(page)?.filter(({ message }) => message.offset < first);
      if (older === undefined) return false;
      held = [...older, ...held];
      hasOlder = page.more;
      messages = undefined;
      return true;
    },
    takeNewer(page) {
      const last = held.at(-1)?.message.offset ?? 0;
      const newer = fitted(page)?.filter(({ message }) => message.offset > last);
      if (newer === undefined) return false;
      held = [...held, ...newer];
      messages = undefined;
      return true;
    },
    takeEvents(life, events) {
      follow(life, events);
      messages = undefined;
    },
    lose() {
      isBehind = isKnown;
    },
    trim(most) {
      if (held.length <= most) return;
      held = held.slice(-most);
      hasOlder = true;
      messages = undefined;
    },
    trimEnd(most) {
      if (held.length <= most) return;
      held = held.slice(0, most);
      messages = undefined;
    },
    get page() {
      const position = epoch === undefined ? null : { epoch, offset };
      return { position, messages: this.messages, more: hasOlder };
    },
    part: () => foldFrom({ kind: 'part', held, epoch, offset, isKnown, isBehind, hasOlder, changes, forgotten }),
  };
}

function indexOf(held: readonly Held[], offset: number): number {
  let [low, high] = [0, held.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = held[middle]?.message.offset ?? 0;
    if (found === offset) return middle;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
