// What each person has not read: counted when somebody looks, from what is folded. Runs where the database is open. Who
// may see which room is not judged here: the rooms are given.

import type { IdentityKind } from '@telltale/protocol';
import type { Kysely, Transaction } from 'kysely';
import { bodyOf, logOfRoom, parseChat, subjectOf } from './room-log.ts';
import type { Tables } from './schema.ts';

/** How one person stands in one room. */
export interface InboxRoom {
  readonly room: string;
  /** Up to where everything was read; undefined: the room is about something this person has nothing to do with. */
  readonly read: number | undefined;
  /** The head of the room's log at which this is true. */
  readonly head: number;
  /** At most `mostUnread`. */
  readonly unread: number;
  readonly mentions: number;
  /** The newest of those, oldest first. */
  readonly notices: readonly {
    readonly offset: number;
    readonly time: number;
    readonly by: string;
    readonly kind: IdentityKind;
    readonly text: string;
  }[];
}

/** Every question, each atomic. */
export interface ChatInboxOperations {
  /**
   * How a person stands in these rooms, and in those about something where they have spoken, were named or have read,
   * those spoken in last. Who comes for the first time has read what was said before; a room that is made later is unread
   * from its beginning.
   */
  inbox(person: string, rooms: readonly string[], now: number): Promise<readonly InboxRoom[]>;
  /** How these people stand in a room. */
  inboxesOf(room: string, people: readonly string[]): Promise<readonly (readonly [person: string, InboxRoom])[]>;
  /** Everything up to an offset was read, or to the head where that is less; it never goes back. */
  markRead(person: string, room: string, offset: number): Promise<InboxRoom>;
}

/** Messages that are counted, and notices that are shown of one room. */
export const mostUnread = 1000;
const mostNotices = 50;
/** Rooms about something that are looked through for one person. */
const mostFollowed = 1000;

/** Runs these operations on an open database. */
export function createChatInboxOperations(db: Kysely<Tables>): ChatInboxOperations {
  return {
    async inbox(person, rooms, now) {
      return await db.transaction().execute(async (transaction) => {
        const came = await transaction
          .insertInto('chat_people')
          .values({ person, since: now })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if ((came.numInsertedOrUpdatedRows ?? 0n) > 0n) await beginAtHeads(transaction, person);
        const standing: InboxRoom[] = [];
        for (const room of new Set([...rooms, ...(await followed(transaction, person))])) {
          standing.push(await inboxRoom(transaction, person, room));
        }
        return standing;
      });
    },

    async inboxesOf(room, people) {
      return await db.transaction().execute(async (transaction) => {
        const standing: (readonly [string, InboxRoom])[] = [];
        for (const person of people) standing.push([person, await inboxRoom(transaction, person, room)]);
        return standing;
      });
    },

    async markRead(person, room, offset) {
      return await db.transaction().execute(async (transaction) => {
        const { head = 0 } = (await logOfRoom(transaction, room)) ?? {};
        const read = Math.min(offset, head);
        await transaction
          .insertInto('chat_reads')
          .values({ person, room, offset: read })
          .onConflict((conflict) =>
            conflict.columns(['person', 'room']).doUpdateSet({ offset: read }).where('chat_reads.offset', '<', read),
          )
          .execute();
        await transaction
          .deleteFrom('chat_mentions')
          .where('person', '=', person)
          .where('room', '=', room)
          .where('offset', '<=', read)
          .execute();
        return await inboxRoom(transaction, person, room);
      });
    },
  };
}

/** The rooms a person has to do with, the one spoken in last first. Who is named in a room follows it (chat-fold.ts). */
async function followed(transaction: Transaction<Tables>, person: string): Promise<readonly string[]> {
  const rows = await transaction
    .selectFrom('chat_reads')
    .innerJoin('rooms', 'rooms.room', 'chat_reads.room')
    .select('chat_reads.room')
    .where('person', '=', person)
    .orderBy('last_at', 'desc')
    .limit(mostFollowed)
    .execute();
  return rows.map(({ room }) => room);
}

/** What was said before is read, but for what somebody was named in before they came. */
async function beginAtHeads(transaction: Transaction<Tables>, person: string): Promise<void> {
  const rooms = await transaction.selectFrom('rooms').select(['room', 'last_offset']).execute();
  for (const { room, last_offset: head } of rooms) {
    if (subjectOf(room) !== undefined) continue;
    const { first } = await transaction
      .selectFrom('chat_mentions')
      .select(({ fn }) => fn.min('offset').as('first'))
      .where('person', '=', person)
      .where('room', '=', room)
      .executeTakeFirstOrThrow();
    await transaction
      .insertInto('chat_reads')
      .values({ person, room, offset: first === null ? head : first - 1 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

async function inboxRoom(transaction: Transaction<Tables>, person: string, room: string): Promise<InboxRoom> {
  const log = await logOfRoom(transaction, room);
  const mark = await transaction
    .selectFrom('chat_reads')
    .select('offset')
    .where('person', '=', person)
    .where('room', '=', room)
    .executeTakeFirst();
  const read = mark?.offset ?? (subjectOf(room) === undefined ? 0 : undefined);
  const head = log?.head ?? 0;
  if (log === undefined || read === undefined) return { room, read, head, unread: 0, mentions: 0, notices: [] };
  const unread = await transaction
    .selectFrom('chat_messages')
    .select('offset')
    .where('room', '=', room)
    .where('offset', '>', read)
    .where('author', '<>', person)
    .where('deleted', '=', 0)
    .limit(mostUnread)
    .execute();
  const named = await transaction
    .selectFrom('chat_mentions')
    .innerJoin('chat_messages', (join) =>
      join
        .onRef('chat_messages.room', '=', 'chat_mentions.room')
        .onRef('chat_messages.offset', '=', 'chat_mentions.offset'),
    )
    .innerJoin('appends', (join) =>
      join.on('appends.log_id', '=', log.id).onRef('appends.first', '=', 'chat_messages.append_first'),
    )
    .select(['chat_mentions.offset', 'first', 'time', 'bodies'])
    .where('person', '=', person)
    .where('chat_mentions.room', '=', room)
    .where('chat_mentions.offset', '>', read)
    .orderBy('chat_mentions.offset', 'desc')
    .limit(mostUnread)
    .execute();
  const notices = named
    .slice(0, mostNotices)
    .toReversed()
    .map(({ offset, time, ...append }) => {
      const { from, data } = parseChat(bodyOf(append, offset));
      const { name, subject = '', kind = 'user' } = from ?? {};
      return { offset, time, by: name ?? subject, kind, text: data.type === 'said' ? data.text : '' };
    });
  return { room, read, head, unread: unread.length, mentions: named.length, notices };
}
