// Where in a room somebody reads: at its newest messages, or in a part of the past, apart from them until it reaches them.
// However far one goes back, a few are held. Knows neither the line nor what is drawn.

import { createRoomFold, type RoomFold } from './room-fold.ts';
import { pageSize, type RoomPages } from './room-pages.ts';

/** So many are held, and cut when they are twice as many: the newest while those are followed, else where one reads. */
export const mostHeld = 1_000;
/** A message not further back than this, in offsets, is gone to page by page: what is between is worth having. */
const near = 1_000;

export interface RoomPast {
  /** What is read. */
  readonly shown: RoomFold;
  readonly isOpen: boolean;
  /** Beside the newest messages: what is to hear of events, and of lost ones. */
  readonly parts: readonly RoomFold[];
  /** Events are missing, and `bring` fetches what they did. */
  readonly isBehind: boolean;
  bring(): Promise<void>;
  /** Takes the page before the first message; false: there is none, or it did not fit. */
  goBack(): Promise<boolean>;
  /** Takes the next messages, and is shut where they reach the newest. */
  goOn(): Promise<void>;
  /** Goes to a message, wherever it is; false: it is not in the room, or the past was left meanwhile. */
  goTo(offset: number): Promise<boolean>;
  /** What is read becomes a part of the past: what comes from now on does not add to it. */
  stay(): void;
  /** How often it was left: what was begun before that is not wanted any more. */
  readonly leaves: number;
  /** Back to the newest messages, also from where one is only on the way to. */
  leave(): void;
}

export function createRoomPast(pages: RoomPages, newest: () => RoomFold): RoomPast {
  /** `end`: everything that was said from its first message up to there is in it. */
  let past: { readonly fold: RoomFold; end: number } | undefined;
  /** The next one, while its first page is on its way. */
  let coming: RoomFold | undefined;
  let leaves = 0;

  const shown = (): RoomFold => past?.fold ?? newest();
  const goBack = async (): Promise<boolean> => {
    const into = shown();
    const isTaken = await pages.before(into);
    if (into === shown() && into.messages.length > 2 * mostHeld) {
      // Whoever reads the first of so many is far from the last.
      past ??= { fold: into.part(), end: 0 };
      past.fold.trimEnd(mostHeld);
      past.end = lastOf(past.fold);
      if (into !== past.fold) into.trim(pageSize);
    }
    return isTaken;
  };
  const jump = async (offset: number): Promise<void> => {
    const made = createRoomFold('part');
    const end = offset + pageSize / 2;
    coming = made;
    try {
      await pages.anew(made, { end: end + 1, first: Infinity });
      if (coming === made && has(made, offset)) past = { fold: made, end };
    } finally {
      if (coming === made) coming = undefined;
    }
  };

  return {
    get shown() {
      return shown();
    },
    get isOpen() {
      return past !== undefined;
    },
    get parts() {
      return [past?.fold, coming].filter((part) => part !== undefined);
    },
    get isBehind() {
      return past?.fold.isBehind ?? false;
    },
    async bring() {
      const part = past;
      if (part?.fold.isBehind !== true) return;
      await pages.anew(part.fold, { end: part.end + 1, first: firstOf(part.fold) });
      // The room began anew.
      if (part === past && part.fold.messages.length === 0) past = undefined;
    },
    goBack,
    async goOn() {
      const part = past;
      if (part === undefined || part.fold.isBehind) return;
      const last = lastOf(part.fold);
      // A page with none is one of reactions and changes.
      while (part === past && lastOf(part.fold) === last) {
        const { end } = part;
        const reached = await pages.after(part.fold, end);
        if (part !== past || part.end !== end) return;
        part.end = reached;
        const isWhole = reached + 1 >= firstOf(newest());
        if (isWhole || part.fold.messages.length > 2 * mostHeld) part.fold.trim(mostHeld);
        if (isWhole && newest().takeOlder(part.fold.page)) past = undefined;
        else if (isWhole || reached === end) {
          // Of another life of the log, or older than what is known.
          part.fold.lose();
          return;
        }
      }
    },
    async goTo(offset) {
      if (!has(shown(), offset) && has(newest(), offset)) past = undefined;
      const begun = leaves;
      const isLeft = (): boolean => leaves !== begun;
      if (firstOf(shown()) - offset <= near) {
        while (!isLeft() && firstOf(shown()) > offset && (await goBack()));
        if (isLeft()) return false;
      }
      const isWithin = offset >= firstOf(shown()) && offset <= (past?.end ?? newest().offset);
      if (!isWithin) await jump(offset);
      return has(shown(), offset);
    },
    stay() {
      past ??= { fold: newest().part(), end: newest().offset };
    },
    get leaves() {
      return leaves;
    },
    leave() {
      leaves += 1;
      coming = undefined;
      past = undefined;
    },
  };
}

function has({ messages }: RoomFold, offset: number): boolean {
  return messages.some((message) => message.offset === offset);
}

/** The offset of the first message; Infinity: there is none. */
export function firstOf({ messages }: RoomFold): number {
  return messages[0]?.offset ?? Infinity;
}

function lastOf({ messages }: RoomFold): number {
  return messages.at(-1)?.offset ?? 0;
}
