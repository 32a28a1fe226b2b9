// The tables `user/<id>` of those who look at theirs: read from the store when somebody begins, kept in step with what is
// said, with rooms that come and go and with what is read on any device, forgotten when nobody looks. The store alone
// knows for good; knows no session but by whom it is.

import type { Appended, Gateway, GatewayLog } from '@telltale/gateway';
import type { Identity } from '@telltale/protocol';
import type { ChatEvent } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import type { InboxRoom } from '../storage/chat-inbox-operations.ts';
import type { Storage } from '../storage/storage.ts';
import { Inbox } from './inbox.ts';
import type { Rooms } from './rooms.ts';

export interface InboxesOptions {
  readonly storage: Pick<Storage, 'inbox' | 'inboxesOf' | 'markRead'>;
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read' | 'sessions'>;
  readonly rooms: Rooms;
  readonly log: GatewayLog;
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** Least time between two changes of one row, in milliseconds. */
const showMs = 200;
/** How long a table is held of which the last reader has gone: a reload must not begin anew. */
const lingerMs = 10_000;
/** From a question the database did not answer to the next one, in milliseconds. */
const retryMs = 2_000;

export class Inboxes {
  readonly #options: InboxesOptions;
  readonly #inboxes = new Map<string, Inbox>();
  /** Persons nobody looks for any more, and when they are forgotten. */
  readonly #idle = new Map<string, number>();
  /** Rooms that have to be counted by the store, and for whom. */
  readonly #due = new Map<string, Set<string>>();
  /** Persons who look, and whose table could not be begun. */
  readonly #unopened = new Set<string>();
  #isCounting = false;
  #hasFailed = false;
  /** Until then, by the monotonic clock, the database is left alone. */
  #retryAt = -Infinity;

  constructor(options: InboxesOptions) {
    this.#options = options;
    options.rooms.onChange((room) => this.#roomChanged(room));
  }

  /** Somebody has begun, or ceased, to read a table. */
  onInterest(channel: string, interested: boolean): void {
    const [, id] = /^user\/(.+)$/.exec(channel) ?? [];
    if (id === undefined) return;
    if (!interested) {
      this.#unopened.delete(id);
      this.#idle.set(id, this.#options.now() + lingerMs);
      return;
    }
    this.#idle.delete(id);
    const known = this.#inboxes.get(id);
    if (known === undefined) void this.#open(id);
    else known.restore().catch((error: unknown) => this.#failed(error));
  }

  /** Something happened in a room. */
  onEvents(room: string, appended: Pick<Appended<ChatEvent>, 'items' | 'position'>): void {
    const row = this.#options.rooms.row(room);
    for (const [id, inbox] of this.#inboxes) {
      if (!this.#concerns(inbox, room)) continue;
      // When somebody spoke there last is in the row, which its members have from here alone.
      if (row !== undefined && row.members !== null) inbox.showMember(room, row);
      if (!inbox.count(room, appended)) this.#mark(room, id);
    }
    this.#count();
  }

  /** Everything up to an offset was read, on one device and so on all. */
  async read({ id }: Identity, room: string, offset: number): Promise<void> {
    const standing = await this.#options.storage.markRead(id, room, offset);
    this.#take(id, standing);
    this.#count();
  }

  tick(): void {
    const now = this.#options.now();
    for (const [id, at] of this.#idle) {
      if (at > now) continue;
      this.#idle.delete(id);
      this.#inboxes.get(id)?.clear();
      this.#inboxes.delete(id);
    }
    for (const inbox of this.#inboxes.values()) inbox.tick();
    if (!this.#isPausing()) for (const id of [...this.#unopened]) void this.#open(id);
    this.#count();
  }

  async #open(id: string): Promise<void> {
    this.#unopened.delete(id);
    const identity = [...this.#options.gateway().sessions()].find((session) => session.identity.id === id)?.identity;
    if (identity === undefined) return;
    const { gateway, log, storage, rooms, now } = this.#options;
    const table = new LiveTable({ gateway, channel: `user/${id}` as const, everyMs: showMs, log });
    const inbox = new Inbox(identity, table);
    this.#inboxes.set(id, inbox);
    const theirs = rooms.rows().filter((row) => row.about === null && this.#concerns(inbox, row.room));
    for (const row of theirs) if (row.members !== null) inbox.showMember(row.room, row);
    try {
      const standing = await storage.inbox(
        id,
        theirs.map(({ room }) => room),
        now(),
      );
      this.#hasFailed = false;
      for (const one of standing) this.#take(id, one);
      this.#count();
    } catch (error) {
      this.#inboxes.delete(id);
      if (!this.#idle.has(id)) this.#unopened.add(id);
      this.#failed(error);
    }
  }

  #concerns({ identity }: Inbox, room: string): boolean {
    const { rooms } = this.#options;
    return rooms.row(room)?.archivedAt === null && rooms.canRead(identity, room);
  }

  #take(id: string, standing: InboxRoom): void {
    const inbox = this.#inboxes.get(id);
    if (inbox === undefined || !this.#concerns(inbox, standing.room)) return;
    if (!inbox.take(standing)) this.#mark(standing.room, id);
  }

  #roomChanged(room: string): void {
    const row = this.#options.rooms.row(room);
    for (const [id, inbox] of this.#inboxes) {
      if (row === undefined || !this.#concerns(inbox, room)) {
        inbox.drop(room);
        continue;
      }
      inbox.showMember(room, row.members === null ? undefined : row);
      if (!inbox.has(room)) this.#mark(room, id);
    }
    this.#count();
  }

  #mark(room: string, id: string): void {
    this.#due.set(room, (this.#due.get(room) ?? new Set()).add(id));
  }

  /** Lets the store count what is due, one time after the other. */
  #count(): void {
    if (this.#isCounting || this.#due.size === 0 || this.#isPausing()) return;
    this.#isCounting = true;
    void this.#countDue()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#isCounting = false;
      });
  }

  async #countDue(): Promise<void> {
    for (const [room, people] of this.#due) {
      this.#due.delete(room);
      const counted = await this.#options.storage.inboxesOf(room, [...people]).catch((error: unknown) => {
        for (const id of people) this.#mark(room, id);
        throw error;
      });
      this.#hasFailed = false;
      for (const [id, standing] of counted) this.#take(id, standing);
    }
  }

  #isPausing(): boolean {
    return this.#options.monotonic() < this.#retryAt;
  }

  /** Waits before the next try; a database that stays down is told of once. */
  #failed(error: unknown): void {
    this.#retryAt = this.#options.monotonic() + retryMs;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.log.error({ err: error }, 'What people have not read could not be counted; it is tried again');
  }
}
