// What one person has not read, while somebody looks: one row per room, one per message that names them, one per room that
// only its members see. Counts on from what the store has counted, by the order of each room's log; owned by Inboxes.

import type { Appended } from '@telltale/gateway';
import type { Identity } from '@telltale/protocol';
import type { ChatEvent, RoomRow, UserFact } from '../api.ts';
import type { LiveTable } from '../live-table.ts';
import { plainText } from '../plain-text.ts';
import { type InboxRoom, mostUnread } from '../storage/chat-inbox-operations.ts';

/** Characters of a notice. */
const mostNotice = 200;
const mostName = 64;

export class Inbox {
  readonly identity: Identity;
  readonly #table: LiveTable<`user/${string}`>;
  readonly #rooms = new Map<string, InboxRoom>();
  readonly #keys = new Set<string>();

  constructor(identity: Identity, table: LiveTable<`user/${string}`>) {
    this.identity = identity;
    this.#table = table;
  }

  /** Takes what the store has counted. False: more is counted here already, it has to be asked again. */
  take(standing: InboxRoom): boolean {
    const { room, head } = standing;
    if ((this.#rooms.get(room)?.head ?? 0) > head) return false;
    this.#rooms.set(room, standing);
    this.#show(standing);
    return true;
  }

  /** Counts what was just said. False: only the store can tell. */
  count(room: string, { items, position }: Pick<Appended<ChatEvent>, 'items' | 'position'>): boolean {
    const standing = this.#rooms.get(room);
    if (standing === undefined) return false;
    const { id } = this.identity;
    let { unread, head } = standing;
    for (const [index, { data }] of items.entries()) {
      const offset = position.offset - items.length + 1 + index;
      if (data === null || offset <= head) continue;
      // Who is named, and what a change makes of what was counted, is looked up.
      if (isAboutReader(data, id, standing)) return false;
      if (data.type === 'said' && standing.read === undefined && data.by === id) return false;
      if (data.type === 'said' && standing.read !== undefined && data.by !== id) unread++;
      head = offset;
    }
    const counted = { ...standing, head, unread: Math.min(unread, mostUnread) };
    this.#rooms.set(room, counted);
    if (counted.unread !== standing.unread) this.#put(`room:${room}`, factOf(counted));
    return true;
  }

  /** Shows, or shows no longer, the row of a room that only members see. */
  showMember(room: string, row: RoomRow | undefined): void {
    const key = `member:${room}`;
    if (row === undefined) this.#remove(key);
    else this.#put(key, { type: 'member', room: row });
  }

  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  rooms(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** A room is none of theirs any more. */
  drop(room: string): void {
    this.#rooms.delete(room);
    this.showMember(room, undefined);
    this.#remove(`room:${room}`);
    for (const key of this.#noticesOf(room)) this.#remove(key);
  }

  tick(): void {
    this.#table.tick();
  }

  async restore(): Promise<void> {
    await this.#table.restore();
  }

  /** Leaves nothing behind in the log of a table that nobody reads. */
  clear(): void {
    for (const key of this.#keys) this.#remove(key);
  }

  #show(standing: InboxRoom): void {
    const { room, read, notices } = standing;
    if (read === undefined) this.#remove(`room:${room}`);
    else this.#put(`room:${room}`, factOf(standing));
    const shown = new Set<string>();
    for (const { offset, time, by, kind, text } of notices) {
      const key = `notice:${room}:${offset}`;
      shown.add(key);
      const line = plainText(text.slice(0, mostNotice * 4).replace(/\s+/g, ' '), mostNotice);
      this.#put(key, { type: 'notice', room, offset, by: plainText(by, mostName), kind, text: line, at: time });
    }
    for (const key of this.#noticesOf(room)) if (!shown.has(key)) this.#remove(key);
  }

  #noticesOf(room: string): readonly string[] {
    return [...this.#keys].filter((key) => key.startsWith(`notice:${room}:`));
  }

  #put(key: string, fact: UserFact): void {
    if (JSON.stringify(this.#table.get(key)) === JSON.stringify(fact)) return;
    this.#keys.add(key);
    this.#table.put(key, fact);
  }

  #remove(key: string): void {
    this.#keys.delete(key);
    this.#table.remove(key);
  }
}

/** Whether an event changes more than the number of messages. Reactions count for nothing. */
function isAboutReader(event: ChatEvent, reader: string, { read = Infinity, mentions, notices }: InboxRoom): boolean {
  if (event.type === 'reacted') return false;
  if (event.type !== 'deleted' && (event.mentions ?? []).includes(reader)) return true;
  if (event.type === 'said') return false;
  if (event.type === 'deleted' && event.message > read) return true;
  // Not all are held here that name the reader.
  return mentions > notices.length || notices.some(({ offset }) => offset === event.message);
}

function factOf({ room, read = 0, unread, mentions }: InboxRoom): UserFact {
  return { type: 'room', room, read, unread, mentions };
}
