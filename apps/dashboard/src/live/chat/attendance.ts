// Tells the hub what this person does in a room: that they type, are away, have read up to a message. Each is said no more
// often than it is worth, and again when the line is back. What was read is said until the hub has it, as long as somebody
// looks at the room: else it would stay unread on all of their devices.

import type { CallError } from '@telltale/client';

export type Call = (method: string, params: object) => Promise<unknown>;

export interface Attendance {
  /** Somebody typed in a room, or stopped: emptied the field, sent it. */
  typing(room: string, isTyping: boolean): void;
  /** Whether the person is at the page, in the room it shows; undefined: it shows none. */
  state(room: string | undefined, state: 'here' | 'away'): void;
  /** A message was on the screen of somebody who is here. */
  read(room: string, offset: number): void;
  line(isOpen: boolean): void;
  stop(): void;
}

export interface AttendanceWorld {
  readonly call: Call;
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
}

/** The hub holds that somebody types for 6 s. */
const typingEveryMs = 3_000;
const readEveryMs = 400;
/** After an answer that it cannot be stored now; each later wait is twice as long. */
const firstWaitMs = 500;
const longestWaitMs = 30_000;

/** What became of a call. `again`: it may be taken later. */
type Said = 'told' | 'again' | 'refused';

export function createAttendance({ call, now, after }: AttendanceWorld): Attendance {
  let isOpen = false;
  let typed: { readonly room: string; readonly at: number } | undefined;
  let shown: { readonly room: string; readonly state: 'here' | 'away' } | undefined;
  /** How far was read, by room, and how far the hub has been told. */
  const marks = new Map<string, { read: number; told: number }>();
  let cancelRead: (() => void) | undefined;
  /** Reads in a row that the hub could not store. */
  let failed = 0;

  const say = async (method: string, params: object): Promise<Said> => {
    if (!isOpen) return 'again';
    try {
      await call(method, params);
      return 'told';
    } catch (error) {
      return (error as Partial<CallError>).retryable === true ? 'again' : 'refused';
    }
  };
  const sayReadsIn = (ms: number): void => {
    cancelRead ??= after(ms, sayReads);
  };
  const sayReads = (): void => {
    cancelRead = undefined;
    for (const [room, mark] of marks) {
      const { read } = mark;
      if (read <= mark.told || !isOpen) continue;
      mark.told = read;
      void say('chat.read', { room, offset: read }).then((said) => {
        if (said === 'told') failed = 0;
        // In any case said again with the next message, or when the line is back.
        else if (mark.told === read) mark.told = 0;
        if (said === 'again' && isOpen && shown?.room === room) {
          sayReadsIn(Math.min(longestWaitMs, firstWaitMs * 2 ** failed));
          failed += 1;
        }
      });
    }
  };

  return {
    typing(room, isTyping) {
      if (!isTyping) {
        if (typed?.room === room) void say('chat.typing', { room, typing: false });
        typed = undefined;
      } else if (typed?.room !== room || now() - typed.at >= typingEveryMs) {
        typed = { room, at: now() };
        void say('chat.typing', { room, typing: true });
      }
    },
    state(room, state) {
      const before = shown;
      shown = room === undefined ? undefined : { room, state };
      // Whoever comes into a room is here: only another state has to be said.
      if (shown === undefined || (before?.room !== room && state === 'here')) return;
      if (before?.room !== room || before?.state !== state) void say('chat.presence', { ...shown });
    },
    read(room, offset) {
      const mark = marks.get(room) ?? { read: 0, told: 0 };
      marks.set(room, mark);
      mark.read = Math.max(mark.read, offset);
      if (mark.read > mark.told) sayReadsIn(readEveryMs);
    },
    line(opened) {
      if (opened === isOpen) return;
      isOpen = opened;
      typed = undefined;
      failed = 0;
      if (!opened) return;
      if (shown?.state === 'away') void say('chat.presence', { ...shown });
      sayReads();
    },
    stop() {
      isOpen = false;
      cancelRead?.();
      cancelRead = undefined;
    },
  };
}
