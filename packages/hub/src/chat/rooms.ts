// Which rooms there are and who may do what there: in memory for rules that may not wait, in storage for good. Shows those
// that are everybody's in the table `rooms`; one with members is shown to each of them by who owns their tables. Knows
// neither messages nor presence.

import type { Gateway, GatewayLog } from '@telltale/gateway';
import { hasScope, type Identity, isChannelPart } from '@telltale/protocol';
import type { RoomRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import { subjectOf } from '../storage/room-log.ts';
import type { RoomRecord } from '../storage/schema.ts';
import type { Storage } from '../storage/storage.ts';

/** What rules know of who asks. */
export type Asker = Pick<Identity, 'issuer' | 'kind' | 'subject' | 'scope'>;

/** What somebody wants to post, as it came. */
export interface Posted {
  readonly data: unknown;
}

export interface RoomsOptions {
  readonly storage: Pick<Storage, 'rooms' | 'addRoom' | 'changeRoom'>;
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read' | 'rightsChanged'>;
  /** Of this hub's accounts: user names of members are theirs. */
  readonly issuer: string;
  /** Whether there is what a room would be about. */
  readonly hasSubject: (subject: NonNullable<RoomRow['about']>) => boolean;
  readonly log: GatewayLog;
  readonly now: () => number;
}

export type RoomChange = Partial<Pick<RoomRow, 'title' | 'writers' | 'members' | 'archivedAt'>>;

/** The room that is always there. */
export const generalRoom = 'general';
/** How often a row is shown at most, in milliseconds; rooms about something that are shown, those spoken in last. */
const showMs = 500;
const shownAbout = 1000;

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #rows = new Map<string, RoomRow>();
  readonly #table: LiveTable<'rooms'>;
  /** Shown rooms about something, the one spoken in longest ago first. */
  readonly #about = new Set<string>();
  readonly #listeners = new Set<(room: string) => void>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    const { gateway, log } = options;
    this.#table = new LiveTable({ gateway, channel: 'rooms', everyMs: showMs, log });
  }

  /** Reads the rooms; before rules are asked. */
  async load(): Promise<void> {
    const { storage, now } = this.#options;
    await storage.addRoom(newRoom({ room: generalRoom, title: 'General' }, now()));
    const records = await storage.rooms();
    for (const record of records.toSorted((one, other) => (one.last_at ?? 0) - (other.last_at ?? 0))) {
      this.#rows.set(record.room, rowOf(record));
    }
  }

  /** Shows them; the gateway is made. */
  start(): void {
    for (const row of this.#rows.values()) this.#show(row);
  }

  /** Told when a room came, changed, or concerns others than before. */
  onChange(listener: (room: string) => void): void {
    this.#listeners.add(listener);
  }

  row(room: string): RoomRow | undefined {
    return this.#rows.get(room);
  }

  rows(): readonly RoomRow[] {
    return [...this.#rows.values()];
  }

  /** A room about something is there before anybody spoke in it. */
  exists(room: string): boolean {
    if (this.#rows.has(room)) return true;
    const subject = subjectOf(room);
    return subject !== undefined && this.#options.hasSubject(subject);
  }

  canRead(asker: Asker, room: string): boolean {
    if (asker.kind === 'agent') return false;
    if (asker.kind === 'anonymous') return room === generalRoom;
    const members = this.#rows.get(room)?.members ?? null;
    return members === null || (asker.issuer === this.#options.issuer && members.includes(asker.subject));
  }

  /**
   * Where operators alone write, everybody else may still delete; whether that is theirs, and what of an archived room, is
   * told in words by who judges the message.
   */
  canWrite(asker: Asker, room: string, posts: readonly Posted[] = []): boolean {
    if (asker.kind === 'anonymous') return false;
    if (asker.kind === 'agent') {
      const subject = subjectOf(room);
      return subject?.type === 'agent' && subject.id === asker.subject;
    }
    if (!this.canRead(asker, room)) return false;
    const isForAll = (this.#rows.get(room)?.writers ?? 'viewers') === 'viewers';
    return isForAll || hasScope(asker, 'operator') || (posts.length > 0 && posts.every(isDeletion));
  }

  /** Undefined: there is a room of this name. */
  async add(ask: Pick<RoomRow, 'room' | 'title' | 'writers' | 'members'>): Promise<RoomRow | undefined> {
    const record = newRoom(ask, this.#options.now());
    if (!(await this.#options.storage.addRoom(record))) return undefined;
    return this.#put(rowOf(record));
  }

  /** Undefined: there is no such room yet. */
  async change(room: string, { archivedAt, members, ...change }: RoomChange): Promise<RoomRow | undefined> {
    const record = await this.#options.storage.changeRoom(room, {
      ...change,
      ...(archivedAt === undefined ? {} : { archived_at: archivedAt }),
      ...(members === undefined ? {} : { members: members === null ? null : JSON.stringify(members) }),
    });
    if (record === undefined) return undefined;
    const row = this.#put(rowOf(record));
    for (const pattern of ['chat/:room', 'presence/:room']) this.#options.gateway().rightsChanged({ pattern });
    return row;
  }

  /** Something was said; a room about something may have come by it. */
  said(room: string, { offset, time }: { readonly offset: number; readonly time: number }): void {
    const known = this.#rows.get(room);
    const last = { lastOffset: offset, lastAt: time };
    if (known !== undefined) {
      this.#rows.set(room, { ...known, ...last });
      this.#show({ ...known, ...last });
      return;
    }
    const title = subjectOf(room)?.id ?? room;
    this.#put(rowOf({ ...newRoom({ room, title }, time), last_offset: offset, last_at: time }));
  }

  tick(): void {
    this.#table.tick();
  }

  /** Somebody has begun to read the table. */
  async restore(): Promise<void> {
    await this.#table.restore();
  }

  #put(row: RoomRow): RoomRow {
    const { room } = row;
    // What was said while the database worked is newer than its answer.
    const known = this.#rows.get(room);
    const newest =
      known !== undefined && known.lastOffset > row.lastOffset
        ? { ...row, lastOffset: known.lastOffset, lastAt: known.lastAt }
        : row;
    this.#rows.set(room, newest);
    this.#show(newest);
    for (const listener of this.#listeners) listener(room);
    return newest;
  }

  #show(row: RoomRow): void {
    const { room, members, about } = row;
    if (members !== null) return this.#hide(room);
    this.#table.put(room, row);
    if (about === null) return;
    this.#about.delete(room);
    this.#about.add(room);
    const [oldest] = this.#about;
    if (this.#about.size > shownAbout && oldest !== undefined) this.#hide(oldest);
  }

  #hide(room: string): void {
    this.#about.delete(room);
    this.#table.remove(room);
  }
}

/** Whether a room may be made with this name: those about something come by themselves. */
export function isRoomName(text: string): boolean {
  return isChannelPart(text) && !/^(?:agent|run)\./.test(text);
}

function isDeletion({ data }: Posted): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'deleted';
}

function newRoom(
  { room, title, writers = 'viewers', members = null }: Pick<RoomRow, 'room' | 'title'> & Partial<RoomRow>,
  now: number,
): RoomRecord {
  return {
    room,
    title,
    writers,
    members: members === null ? null : JSON.stringify(members),
    created_at: now,
    archived_at: null,
    last_offset: 0,
    last_at: null,
  };
}

function rowOf(record: RoomRecord): RoomRow {
  const { room, title, writers, members, archived_at: archivedAt, last_offset: lastOffset, last_at: lastAt } = record;
  return {
    room,
    title,
    about: subjectOf(room) ?? null,
    writers,
    members: members === null ? null : (JSON.parse(members) as readonly string[]),
    archivedAt,
    lastOffset,
    lastAt,
  };
}
