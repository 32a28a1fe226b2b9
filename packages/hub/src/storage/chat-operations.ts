// What the hub asks of its database about rooms: which there are, pages of what was said with all that happened to it, and
// what each person has not read. Runs where the database is open. The messages themselves are folded as they are appended
// (chat-fold.ts); who may see what is not judged here.

import type { Position } from '@telltale/protocol';
import { type Kysely, sql } from 'kysely';
import { type ChatInboxOperations, createChatInboxOperations } from './chat-inbox-operations.ts';
import { bodyOf, logOfRoom } from './room-log.ts';
import type { ChatMessageRecord, ChatSpeakerRecord, RoomRecord, Tables } from './schema.ts';

/** A message as its log keeps it now, and what is kept beside it. */
export interface FoldedMessage extends Pick<ChatMessageRecord, 'offset' | 'reactions'> {
  readonly time: number;
  /** Its JSON behind `offset` and `time`. */
  readonly body: string;
}

export interface FoldedPage {
  /** The head of the room's log at which this is true; null: nothing was said there. */
  readonly position: Position | null;
  /** Oldest first. */
  readonly messages: readonly FoldedMessage[];
  readonly more: boolean;
}

/** Every question, each atomic. */
export interface ChatOperations extends ChatInboxOperations {
  rooms(): Promise<readonly RoomRecord[]>;
  /** False: there is a room of this name. */
  addRoom(room: RoomRecord): Promise<boolean>;
  /** Answers the room as it is then; undefined: there is none. */
  changeRoom(
    room: string,
    change: Partial<Pick<RoomRecord, 'title' | 'writers' | 'members' | 'archived_at'>>,
  ): Promise<RoomRecord | undefined>;
  /** The newest messages before an offset. */
  chatPage(room: string, ask: { before: number | undefined; limit: number }): Promise<FoldedPage>;
  chatMessage(room: string, offset: number): Promise<ChatMessageRecord | undefined>;
  /** Those who have spoken in some room and are called by one of these names, at most 100. */
  speakers(names: readonly string[]): Promise<readonly Pick<ChatSpeakerRecord, 'person' | 'subject'>[]>;
  /** Empties the journal, which still holds pages as they were. False: somebody reads it, try again. */
  foldJournalBack(): Promise<boolean>;
}

/** Who are found by their names at once: more than are told of one message. */
const mostSpeakers = 100;

/** Runs these operations on an open database. */
export function createChatOperations(db: Kysely<Tables>): ChatOperations {
  return {
    ...createChatInboxOperations(db),

    async rooms() {
      return await db.selectFrom('rooms').selectAll().execute();
    },

    async addRoom(room) {
      const { numInsertedOrUpdatedRows: rows = 0n } = await db
        .insertInto('rooms')
        .values(room)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return rows > 0n;
    },

    async changeRoom(room, change) {
      return await db.updateTable('rooms').set(change).where('room', '=', room).returningAll().executeTakeFirst();
    },

    async chatPage(room, { before, limit }) {
      return await db.transaction().execute(async (transaction) => {
        const log = await logOfRoom(transaction, room);
        if (log === undefined) return { position: null, messages: [], more: false };
        let query = transaction
          .selectFrom('chat_messages')
          .innerJoin('appends', (join) =>
            join.on('appends.log_id', '=', log.id).onRef('appends.first', '=', 'chat_messages.append_first'),
          )
          .select(['chat_messages.offset', 'chat_messages.reactions', 'first', 'time', 'bodies'])
          .where('room', '=', room)
          .orderBy('chat_messages.offset', 'desc')
          .limit(limit + 1);
        if (before !== undefined) query = query.where('chat_messages.offset', '<', before);
        const newest = await query.execute();
        const messages = newest
          .slice(0, limit)
          .toReversed()
          .map(({ offset, reactions, time, ...append }) => ({ offset, reactions, time, body: bodyOf(append, offset) }));
        return { position: { epoch: log.epoch, offset: log.head }, messages, more: newest.length > limit };
      });
    },

    async chatMessage(room, offset) {
      return await db
        .selectFrom('chat_messages')
        .selectAll()
        .where('room', '=', room)
        .where('offset', '=', offset)
        .executeTakeFirst();
    },

    async speakers(names) {
      return await db
        .selectFrom('chat_speakers')
        .select(['person', 'subject'])
        .where('name', 'in', names)
        .limit(mostSpeakers)
        .execute();
    },

    async foldJournalBack() {
      // A reader of another process, such as a backup, is not waited for: everybody here would wait along.
      return await db.connection().execute(async (connection) => {
        const waits = await sql<{ timeout: number }>`pragma busy_timeout`.execute(connection);
        await sql`pragma busy_timeout = 0`.execute(connection);
        try {
          const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(connection);
          return rows[0]?.busy === 0;
        } finally {
          await sql`pragma busy_timeout = ${sql.lit(waits.rows[0]?.timeout ?? 0)}`.execute(connection);
        }
      });
    },
  };
}
