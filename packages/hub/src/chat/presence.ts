// Who is in a room: whoever has it open, once, however many tabs that is. A short break does not show; who was given up as
// silent has been away for long enough and goes at once. Fed by the gateway's events; writes the tables `presence/<room>`.

import { type Gateway, type GatewayEvent, type GatewayLog, MethodFailure, type SessionView } from '@telltale/gateway';
import type { PresenceRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import { plainText } from '../plain-text.ts';
import { isVisible } from './chat-text.ts';

export interface PresenceOptions {
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read'>;
  readonly log: GatewayLog;
  /** What is shown; how long something holds is counted by a clock that nobody sets. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** How long somebody stays on the list whose line broke, or who closed a tab: a client's first span (CLI2), and time to arrive. */
const lingerMs = 8000;
/** How long somebody types who has said so once. */
const typingMs = 6000;
/** Least time between two changes of one row, in milliseconds. */
const showMs = 250;
const mostNameCharacters = 64;

interface Person {
  readonly row: PresenceRow;
  /** How each of their sessions stands in this room; none: they are about to go. */
  readonly sessions: Map<string, 'here' | 'away'>;
  /** Monotonic. */
  readonly goesAt: number | undefined;
  readonly typesUntil: number | undefined;
}

interface PresentRoom {
  readonly table: LiveTable<`presence/${string}`>;
  readonly people: Map<string, Person>;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #rooms = new Map<string, PresentRoom>();
  /** Rooms that sessions of people have open. */
  readonly #open = new Map<string, Set<string>>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** A session has begun, and has the channels of its endpoint. */
  onSession(session: SessionView): void {
    for (const channel of session.channels) this.#enter(session, channel);
  }

  onEvent(event: GatewayEvent): void {
    if (event.type === 'subscribed') this.#enter(event.session, event.channel);
    if (event.type === 'unsubscribed') {
      const room = roomOf(event.channel);
      if (room !== undefined) this.#leave(event.session, room, lingerMs);
    }
    if (event.type !== 'ended') return;
    const { session, name } = event;
    // Nothing was heard of it for half a minute: it has had its time to come back.
    const isSilent = name === 'no-answer' || name === 'stalled';
    for (const room of this.#open.get(session.id) ?? []) this.#leave(session, room, isSilent ? 0 : lingerMs);
    this.#open.delete(session.id);
  }

  /** Says how a session stands in a room it has open. */
  stand(session: SessionView, room: string, state: 'here' | 'away'): MethodFailure | null {
    const person = this.#personOf(session, room);
    if (person === undefined) return notOpen(room);
    person.sessions.set(session.id, state);
    this.#put(room, state === 'away' ? { ...person, typesUntil: undefined } : person);
    return null;
  }

  type(session: SessionView, room: string, typing: boolean): MethodFailure | null {
    const person = this.#personOf(session, room);
    if (person === undefined) return notOpen(room);
    this.#put(room, { ...person, typesUntil: typing ? this.#options.monotonic() + typingMs : undefined });
    return null;
  }

  /** Who has said something types it no more. */
  said(room: string, id: string): void {
    const person = this.#rooms.get(room)?.people.get(id);
    if (person?.typesUntil !== undefined) this.#put(room, { ...person, typesUntil: undefined });
  }

  /** Lets go of who did not come back, and of what was typed; shows what is due. Called a few times a second. */
  tick(): void {
    const now = this.#options.monotonic();
    for (const [room, { table, people }] of this.#rooms) {
      for (const person of people.values()) {
        const { goesAt = Infinity, typesUntil = Infinity, row } = person;
        if (goesAt <= now) this.#remove(room, row.id);
        else if (typesUntil <= now) this.#put(room, { ...person, typesUntil: undefined });
      }
      table.tick();
    }
  }

  /** Somebody has begun to read a table. */
  async restore(channel: string): Promise<void> {
    const [, room = ''] = /^presence\/(.+)$/.exec(channel) ?? [];
    await this.#rooms.get(room)?.table.restore();
  }

  #enter(session: SessionView, channel: string): void {
    const room = roomOf(channel);
    const { identity, id } = session;
    if (room === undefined || identity.kind !== 'user') return;
    const open = this.#open.get(id) ?? new Set();
    this.#open.set(id, open.add(room));
    const { gateway, log, now, monotonic } = this.#options;
    const present = this.#rooms.get(room) ?? {
      table: new LiveTable({ gateway, channel: `presence/${room}` as const, everyMs: showMs, log, now: monotonic }),
      people: new Map<string, Person>(),
    };
    this.#rooms.set(room, present);
    const { subject, name, kind } = identity;
    const known = present.people.get(identity.id);
    const row: PresenceRow = {
      id: identity.id,
      subject,
      // Whose name cannot be seen is shown by the subject.
      name: name === undefined || !isVisible(name) ? null : plainText(name, mostNameCharacters),
      kind,
      state: 'here',
      typingUntil: known?.row.typingUntil ?? null,
      since: known?.row.since ?? now(),
    };
    const sessions = known?.sessions ?? new Map<string, 'here' | 'away'>();
    sessions.set(id, 'here');
    this.#put(room, { row, sessions, goesAt: undefined, typesUntil: known?.typesUntil });
  }

  #leave(session: SessionView, room: string, waitMs: number): void {
    this.#open.get(session.id)?.delete(room);
    const { id } = session.identity;
    const person = this.#rooms.get(room)?.people.get(id);
    if (person?.sessions.delete(session.id) !== true) return;
    if (person.sessions.size > 0) return this.#put(room, person);
    if (waitMs === 0) return this.#remove(room, id);
    this.#put(room, { ...person, goesAt: this.#options.monotonic() + waitMs, typesUntil: undefined });
  }

  #personOf({ id, identity }: SessionView, room: string): Person | undefined {
    return this.#open.get(id)?.has(room) === true ? this.#rooms.get(room)?.people.get(identity.id) : undefined;
  }

  #put(room: string, person: Person): void {
    const present = this.#rooms.get(room);
    if (present === undefined) return;
    const { row: before, sessions, typesUntil } = person;
    const { id } = before;
    const isHere = [...sessions.values()].includes('here');
    // Who is about to go stands as before.
    const state = sessions.size === 0 ? before.state : isHere ? 'here' : 'away';
    const { now, monotonic } = this.#options;
    const typingUntil = typesUntil === undefined ? null : now() + Math.round(typesUntil - monotonic());
    const row: PresenceRow = { ...before, state, typingUntil };
    present.people.set(id, { ...person, row });
    if (!isSame(row, present.table.get(id))) present.table.put(id, row);
  }

  #remove(room: string, id: string): void {
    const present = this.#rooms.get(room);
    if (present === undefined) return;
    present.people.delete(id);
    present.table.remove(id);
    if (present.people.size === 0) this.#rooms.delete(room);
  }
}

/** The room of a channel `chat/<room>`; undefined: it is another one. */
function roomOf(channel: string): string | undefined {
  return channel.startsWith('chat/') ? channel.slice('chat/'.length) : undefined;
}

function isSame(row: PresenceRow, shown: PresenceRow | undefined): boolean {
  if (shown === undefined) return false;
  const { state, name, typingUntil } = shown;
  // Two clocks differ by a millisecond now and then, which is nothing new.
  const isSameTyping = row.typingUntil === typingUntil || Math.abs((row.typingUntil ?? 0) - (typingUntil ?? 0)) < 100;
  return row.state === state && row.name === name && isSameTyping;
}

function notOpen(room: string): MethodFailure {
  const message = `found no subscription of chat/${room} in this session, expected one: who is not there does not type there`;
  return new MethodFailure({ code: 4404, message });
}
