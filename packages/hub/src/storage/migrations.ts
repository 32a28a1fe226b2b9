// Every change of the database's shape, in order; a migration that was released is never edited. Applied by database.ts.

import { type Kysely, type Migration, type MigrationProvider, sql, type Transaction } from 'kysely';
import { bodyOf, parseChat } from './room-log.ts';
import type { Tables } from './schema.ts';

const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('users')
        .addColumn('username', 'text', (column) => column.primaryKey().notNull())
        .addColumn('name', 'text')
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('password_hash', 'text')
        .addColumn('disabled', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('last_seen_at', 'integer')
        .addColumn('password_version', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema
        .createTable('logins')
        .addColumn('sid', 'text', (column) => column.primaryKey().notNull())
        .addColumn('username', 'text', (column) => column.notNull().references('users.username').onDelete('cascade'))
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('last_seen_at', 'integer', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('user_agent', 'text', (column) => column.notNull())
        .addColumn('salt', 'text', (column) => column.notNull())
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('rotated_at', 'integer', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('logins_username').on('logins').column('username').execute();
      await db.schema
        .createTable('known_addresses')
        .addColumn('username', 'text', (column) => column.notNull().references('users.username').onDelete('cascade'))
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('seen_at', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('known_addresses_key', ['username', 'address'])
        .execute();
      await db.schema
        .createTable('generated')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0002-messages': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('logs')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('channel', 'text', (column) => column.notNull().unique())
        .addColumn('family', 'text', (column) => column.notNull())
        .addColumn('epoch', 'text', (column) => column.notNull())
        .addColumn('head', 'integer', (column) => column.notNull())
        .addColumn('horizon', 'integer', (column) => column.notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .addColumn('oldest_at', 'integer')
        .addColumn('changed_at', 'integer', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('logs_oldest').on('logs').columns(['family', 'oldest_at']).execute();
      // With a rowid: in a table without one, the long bodies would stand in the small cells of an index, which made
      // appending half as fast.
      await db.schema
        .createTable('appends')
        .addColumn('log_id', 'integer', (column) => column.notNull())
        .addColumn('first', 'integer', (column) => column.notNull())
        .addColumn('count', 'integer', (column) => column.notNull())
        .addColumn('time', 'integer', (column) => column.notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .addColumn('bodies', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('appends_key', ['log_id', 'first'])
        .execute();
      await db.schema
        .createTable('families')
        .addColumn('family', 'text', (column) => column.primaryKey().notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('once')
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('identity', 'text', (column) => column.notNull())
        .addColumn('producer', 'text', (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('last_epoch', 'text')
        .addColumn('last_offset', 'integer')
        .addColumn('refused', 'text', (column) => column.notNull())
        .addColumn('used_at', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('once_key', ['channel', 'identity', 'producer'])
        .execute();
      await db.schema.createIndex('once_used').on('once').columns(['identity', 'used_at']).execute();
    },
  },
  '0003-agents': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('agents')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('credential_id', 'text', (column) => column.notNull().unique())
        .addColumn('machine', 'text', (column) => column.notNull())
        .addColumn('enrolled_at', 'integer', (column) => column.notNull())
        .addColumn('enrolled_by', 'text', (column) => column.notNull())
        .addColumn('revoked_at', 'integer')
        .addColumn('facts', 'text', (column) => column.notNull())
        .addColumn('files', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('since', 'integer', (column) => column.notNull())
        .addColumn('reason', 'text')
        .addColumn('last_seen_at', 'integer')
        .addColumn('conflict', 'text')
        .execute();
      await db.schema
        .createTable('enrolments')
        .addColumn('hash', 'text', (column) => column.primaryKey().notNull())
        .addColumn('name', 'text')
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer', (column) => column.notNull())
        .addColumn('used_at', 'integer')
        .execute();
    },
  },
  '0004-runs': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('runs')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('agent', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('opened_at', 'integer', (column) => column.notNull())
        .addColumn('closed_at', 'integer')
        .addColumn('cancel_by', 'text')
        .addColumn('cancel_at', 'integer')
        .addColumn('folded_epoch', 'text')
        .addColumn('folded_offset', 'integer', (column) => column.notNull())
        .addColumn('row', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('runs_closed').on('runs').column('closed_at').execute();
      await db.schema.createIndex('runs_name').on('runs').columns(['agent', 'name', 'closed_at']).execute();
      await db.schema
        .createTable('choices')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0005-attempts': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('attempts')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('changed_at', 'integer', (column) => column.notNull())
        .addColumn('is_live', 'integer', (column) => column.notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .addColumn('record', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('attempts_changed').on('attempts').column('changed_at').execute();
      await db.schema.createIndex('attempts_live').on('attempts').column('is_live').where('is_live', '=', 1).execute();
      await db.schema
        .createTable('refusals')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('last_at', 'integer', (column) => column.notNull())
        .addColumn('row', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0006-chat': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('rooms')
        .addColumn('room', 'text', (column) => column.primaryKey().notNull())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('writers', 'text', (column) => column.notNull())
        .addColumn('members', 'text')
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('archived_at', 'integer')
        .addColumn('last_offset', 'integer', (column) => column.notNull())
        .addColumn('last_at', 'integer')
        .execute();
      // Without a rowid, as all below: short rows that are read in the order of their key. The texts are in the log alone.
      await db.schema
        .createTable('chat_messages')
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('offset', 'integer', (column) => column.notNull())
        .addColumn('append_first', 'integer', (column) => column.notNull())
        .addColumn('author', 'text', (column) => column.notNull())
        .addColumn('edited_offset', 'integer')
        .addColumn('deleted', 'integer', (column) => column.notNull())
        .addColumn('reactions', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('chat_messages_key', ['room', 'offset'])
        .modifyEnd(sql`without rowid`)
        .execute();
      await db.schema
        .createTable('chat_mentions')
        .addColumn('person', 'text', (column) => column.notNull())
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('offset', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('chat_mentions_key', ['person', 'room', 'offset'])
        .modifyEnd(sql`without rowid`)
        .execute();
      await db.schema.createIndex('chat_mentions_message').on('chat_mentions').columns(['room', 'offset']).execute();
      await db.schema
        .createTable('chat_reads')
        .addColumn('person', 'text', (column) => column.notNull())
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('offset', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('chat_reads_key', ['person', 'room'])
        .modifyEnd(sql`without rowid`)
        .execute();
      await db.schema
        .createTable('chat_people')
        .addColumn('person', 'text', (column) => column.primaryKey().notNull())
        .addColumn('since', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  // How many attempts are kept and what they weigh is asked each minute: by the index alone, without their records.
  '0007-attempt-sizes': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createIndex('attempts_sizes')
        .on('attempts')
        .columns(['is_live', 'changed_at', 'bytes'])
        .execute();
      await db.schema.dropIndex('attempts_changed').execute();
    },
  },
  '0008-chat-speakers': {
    async up(db: Kysely<unknown>): Promise<void> {
      await (db as Kysely<Tables>).transaction().execute(async (transaction) => {
        await transaction.schema
          .createTable('chat_speakers')
          .addColumn('person', 'text', (column) => column.primaryKey().notNull())
          .addColumn('subject', 'text', (column) => column.notNull())
          .addColumn('name', 'text', (column) => column.notNull())
          .execute();
        await transaction.schema.createIndex('chat_speakers_name').on('chat_speakers').column('name').execute();
        await rememberSpeakers(transaction);
      });
    },
  },
  // Ended runs are read in pages, of all agents or of one, each page by an index.
  '0009-run-pages': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createIndex('runs_pages').on('runs').columns(['closed_at', 'id']).execute();
      await db.schema.createIndex('runs_agent_pages').on('runs').columns(['agent', 'closed_at', 'id']).execute();
      await db.schema.dropIndex('runs_closed').execute();
    },
  },
};

/** Who has spoken before there was a list of them: by one message of each, since nobody's subject ever changes. */
async function rememberSpeakers(transaction: Transaction<Tables>): Promise<void> {
  const { rows } = await sql<{ author: string; offset: number; first: number; bodies: string }>`
    select author, said.offset, first, bodies
    from (select author, room, max(offset) as offset, append_first from chat_messages group by author) as said
    join logs on channel = 'chat/' || room
    join appends on log_id = logs.id and first = append_first`.execute(transaction);
  for (const { author, offset, ...append } of rows) {
    const { from } = parseChat(bodyOf(append, offset));
    if (from?.kind !== 'user') continue;
    // As names were compared then, in the table as it was then: neither may change with what is written today.
    await transaction
      .insertInto('chat_speakers')
      .values({ person: author, subject: from.subject, name: from.subject.normalize('NFC').toLowerCase() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

export const migrationNames: readonly string[] = Object.keys(migrations);

export const migrationProvider: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...migrations }),
};
