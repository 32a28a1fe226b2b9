// Everything of chat that belongs to one line, so to one person: what waits to be sent, what they have begun to write, what
// they are seen to do, and the rooms that are held. Made once for a connection; `start` runs while the app shows it.

import { tableStore, type Connection, type Store } from '@telltale/client';
import type { ChatPage, Me, PresenceRow } from '@telltale/hub/api';
import type { Session } from '../../session/session.ts';
import { inFrame } from '../frame-cost.ts';
import { createAttendance, type Attendance } from './attendance.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createChoices, createPostKeep, type Choices } from './post-keep.ts';
import { createPresence } from './presence.ts';
import { createRoomLog, type RoomLog } from './room-log.ts';
import { pageTab } from './tab.ts';

export interface Chat {
  /** Id of who is signed in; undefined: nobody, who only reads. */
  readonly me: string | undefined;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly choices: Choices;
  readonly attendance: Attendance;
  readonly room: (room: string) => RoomLog;
  /** Who is in a room. */
  readonly presence: (room: string) => Store<readonly PresenceRow[]>;
  /** Sends what waits while the line is open; answers with what ends that. */
  readonly start: () => () => void;
}

const chats = new WeakMap<Connection, Chat>();

export function chatOf(connection: Connection, session: Session): Chat {
  const found = chats.get(connection);
  if (found !== undefined) return found;
  const made = createChat(connection, session);
  chats.set(connection, made);
  return made;
}

function createChat(connection: Connection, session: Session): Chat {
  const { state } = session;
  const me: Me | undefined = state.kind === 'signed-in' ? state.me : undefined;
  const identity = me?.id ?? 'nobody';
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const now = (): number => Date.now();
  const outbox = createOutbox({
    keep: createPostKeep(identity),
    ask: (frame) => connection.ask(frame),
    randomId,
    now,
    after,
    alone(room, send) {
      // Without locks each page sends what it has, and the hub stores it once.
      const locks = (navigator as Partial<Navigator>).locks;
      if (locks === undefined) void send();
      else void locks.request(`telltale.chat.${identity}.${room}`, send).catch(() => send());
    },
    isFollowed: (room) => rooms.get(room)?.isOpen() === true,
  });
  const attendance = createAttendance({ call: (method, params) => connection.call(method, params), now, after });
  const rooms = new Map<string, RoomLog>();
  const present = new Map<string, Store<readonly PresenceRow[]>>();
  return {
    me: me?.id,
    outbox,
    drafts: createDrafts(identity, {
      tab: pageTab(randomId),
      now,
      pause: (ms) => new Promise((resolve) => void after(ms, resolve)),
    }),
    choices: createChoices(identity),
    attendance,
    room(room) {
      const held = rooms.get(room);
      if (held !== undefined) return held;
      const log = createRoomLog({
        connection,
        room,
        fetchPage: (before, limit) =>
          session.call<ChatPage>(
            `/api/rooms/${room}/messages?limit=${limit}${before === undefined ? '' : `&before=${before}`}`,
          ),
        frame: inFrame,
        onOwn: (producer, offset) => outbox.heard(producer, offset),
        onSeen: (offset) => outbox.seen(room, offset),
      });
      // What was read a while ago is asked for anew: a handful of rooms is enough to go to and fro.
      for (const [oldest] of rooms) if (rooms.size >= 8) rooms.delete(oldest);
      rooms.set(room, log);
      return log;
    },
    presence(room) {
      const held = present.get(room);
      if (held !== undefined) return held;
      const made = createPresence({ table: tableStore(connection, `presence/${room}`), after });
      for (const [oldest] of present) if (present.size >= 8) present.delete(oldest);
      present.set(room, made);
      return made;
    },
    start() {
      const stopOutbox = outbox.start();
      const follow = (): void => {
        const open = connection.state;
        const isOpen = open.kind === 'open' && (me === undefined || open.identity.id === me.id);
        // A line of somebody else, for a moment between two sign-ins: what is here is not theirs.
        outbox.line(isOpen && me !== undefined);
        attendance.line(isOpen && me !== undefined);
      };
      const forget = connection.onState(follow);
      follow();
      return () => {
        forget();
        attendance.line(false);
        stopOutbox();
      };
    },
  };
}

/** 22 characters of `[A-Za-z0-9_-]`, from 128 random bits. */
function randomId(): string {
  const bits = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bits))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
