// Tells the hub what this person does in a room: that they type, are away, have read up to a message. Each is said no more
// often than it is worth, and again when the line is back. Nothing waits for an answer.

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

export function createAttendance({ call, now, after }: AttendanceWorld): Attendance {
  let isOpen = false;
  let typed: { readonly room: string; readonly at: number } | undefined;
  let shown: { readonly room: string; readonly state: 'here' | 'away' } | undefined;
  /** How far was read, by room, and how far the hub has been told. */
  const marks = new Map<string, { read: number; told: number }>();
  let cancelRead: (() => void) | undefined;

  const say = (method: string, params: object): Promise<boolean> => {
    if (!isOpen) return Promise.resolve(false);
    return call(method, params).then(
      () => true,
      () => false,
    );
  };
  const sayReads = (): void => {
    cancelRead = undefined;
    for (const [room, mark] of marks) {
      const { read } = mark;
      if (read <= mark.told || !isOpen) continue;
      mark.told = read;
      void say('chat.read', { room, offset: read }).then((isTold) => {
        // Said again with the next message, or when the line is back.
        if (!isTold && mark.told === read) mark.told = 0;
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
      if (offset <= mark.read) return;
      mark.read = offset;
      cancelRead ??= after(readEveryMs, sayReads);
    },
    line(opened) {
      if (opened === isOpen) return;
      isOpen = opened;
      typed = undefined;
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
