// What the hub asks of its database about users, logins, and itself: one function per question. Runs where the database
// is open: in the worker thread of a hub, or in the process of a short command. Knows no HTTP, no password, no token.

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Scope } from '@telltale/protocol';
import { type Kysely, sql } from 'kysely';
import type { LoginRecord, Tables, UserRecord } from './schema.ts';

/** A user without what only a password check needs. */
export type UserFacts = Omit<UserRecord, 'password_hash'>;

/** What the hub holds in memory, because rules are synchronous. */
export interface Facts {
  readonly users: readonly UserFacts[];
  readonly logins: readonly LoginRecord[];
}

export type Rotation =
  /** The newest token was presented: the next one is due. */
  | { readonly kind: 'rotated'; readonly login: LoginRecord }
  /** The one before, within the grace: its successor is given again. */
  | { readonly kind: 'repeated'; readonly login: LoginRecord }
  /** An older one: somebody else holds the family. It is ended. */
  | { readonly kind: 'reused'; readonly login: LoginRecord }
  | { readonly kind: 'gone' };

const userFacts = [
  'username',
  'name',
  'role',
  'disabled',
  'created_at',
  'last_seen_at',
  'password_version',
] as const satisfies readonly (keyof UserRecord)[];

/** How many addresses are remembered for each user. */
const knownAddresses = 20;

/** Every question, each atomic. */
export interface AccountOperations {
  facts(): Promise<Facts>;
  changeCounter(): Promise<number>;
  generated(name: string, value: string): Promise<string>;
  passwordHash(username: string): Promise<string | null | undefined>;
  addUser(user: {
    username: string;
    name: string | null;
    role: Scope;
    hash: string | null;
    now: number;
  }): Promise<boolean>;
  setPassword(username: string, hash: string): Promise<boolean>;
  setRole(username: string, role: Scope): Promise<boolean>;
  setDisabled(username: string, disabled: boolean): Promise<boolean>;
  addLogin(login: LoginRecord): Promise<void>;
  isKnownAddress(username: string, address: string): Promise<boolean>;
  rotate(ask: { sid: string; generation: number; now: number; graceMs: number; address: string }): Promise<Rotation>;
  endLogin(sid: string): Promise<boolean>;
  dropLogins(ask: { createdBefore: number; seenBefore: number }): Promise<number>;
  backup(file: string): Promise<void>;
}

/** Runs these operations on an open database. */
export function createAccountOperations(db: Kysely<Tables>): AccountOperations {
  return {
    async facts() {
      const users = await db.selectFrom('users').select(userFacts).orderBy('username').execute();
      const logins = await db.selectFrom('logins').selectAll().execute();
      return { users, logins };
    },

    /** Changes whenever another connection has committed: how a hub notices the command beside it. */
    async changeCounter() {
      const { rows } = await sql<{ data_version: number }>`PRAGMA data_version`.execute(db);
      return rows[0]?.data_version ?? 0;
    },

    /** What was generated once under this name; keeps `value` if nothing was. */
    async generated(name, value) {
      await db
        .insertInto('generated')
        .values({ name, value })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = await db.selectFrom('generated').select('value').where('name', '=', name).executeTakeFirstOrThrow();
      return row.value;
    },

    async passwordHash(username) {
      const row = await db
        .selectFrom('users')
        .select('password_hash')
        .where('username', '=', username)
        .executeTakeFirst();
      return row?.password_hash;
    },

    async addUser({ username, name, role, hash, now }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('users')
        .values({
          username,
          name,
          role,
          password_hash: hash,
          disabled: 0,
          created_at: now,
          last_seen_at: null,
          password_version: 0,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    /** Also ends every login of the user, in the same transaction. */
    async setPassword(username, hash) {
      return await db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('users')
          .set((row) => ({ password_hash: hash, password_version: row('password_version', '+', 1) }))
          .where('username', '=', username)
          .executeTakeFirst();
        await transaction.deleteFrom('logins').where('username', '=', username).execute();
        return numUpdatedRows === 1n;
      });
    },

    async setRole(username, role) {
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set({ role })
        .where('username', '=', username)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    /** Disabling also ends every login of the user, so that enabling gives none of them back. */
    async setDisabled(username, disabled) {
      return await db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('users')
          .set({ disabled: disabled ? 1 : 0 })
          .where('username', '=', username)
          .executeTakeFirst();
        if (disabled) await transaction.deleteFrom('logins').where('username', '=', username).execute();
        return numUpdatedRows === 1n;
      });
    },

    async addLogin(login) {
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto('logins').values(login).execute();
        const { username, address, created_at: seen } = login;
        await transaction.updateTable('users').set({ last_seen_at: seen }).where('username', '=', username).execute();
        await transaction
          .insertInto('known_addresses')
          .values({ username, address, seen_at: seen })
          .onConflict((conflict) => conflict.columns(['username', 'address']).doUpdateSet({ seen_at: seen }))
          .execute();
        await transaction
          .deleteFrom('known_addresses')
          .where('username', '=', username)
          .where('address', 'not in', (query) =>
            query
              .selectFrom('known_addresses')
              .select('address')
              .where('username', '=', username)
              .orderBy('seen_at', 'desc')
              .limit(knownAddresses),
          )
          .execute();
      });
    },

    async isKnownAddress(username, address) {
      const row = await db
        .selectFrom('known_addresses')
        .select('seen_at')
        .where('username', '=', username)
        .where('address', '=', address)
        .executeTakeFirst();
      return row !== undefined;
    },

    async rotate({ sid, generation, now, graceMs, address }) {
      return await db.transaction().execute(async (transaction): Promise<Rotation> => {
        const login = await transaction.selectFrom('logins').selectAll().where('sid', '=', sid).executeTakeFirst();
        if (login === undefined || generation > login.generation) return { kind: 'gone' };
        if (generation === login.generation) {
          const change = { generation: generation + 1, rotated_at: now, last_seen_at: now, address };
          await transaction.updateTable('logins').set(change).where('sid', '=', sid).execute();
          await transaction
            .updateTable('users')
            .set({ last_seen_at: now })
            .where('username', '=', login.username)
            .execute();
          return { kind: 'rotated', login: { ...login, ...change } };
        }
        // A clock that went back must not widen the grace.
        const age = Math.abs(now - login.rotated_at);
        if (generation === login.generation - 1 && age <= graceMs) return { kind: 'repeated', login };
        await transaction.deleteFrom('logins').where('sid', '=', sid).execute();
        return { kind: 'reused', login };
      });
    },

    async endLogin(sid) {
      const { numDeletedRows } = await db.deleteFrom('logins').where('sid', '=', sid).executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async dropLogins({ createdBefore, seenBefore }) {
      const { numDeletedRows } = await db
        .deleteFrom('logins')
        .where((row) => row.or([row('created_at', '<', createdBefore), row('last_seen_at', '<', seenBefore)]))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },

    /** A consistent copy, also while a hub writes. Written beside the target and renamed, so a half one never stands there. */
    async backup(file) {
      const partial = `${file}.partial`;
      rmSync(partial, { force: true });
      // An empty file is filled as it is: at no moment can anybody else read it.
      writeFileSync(partial, '', { mode: 0o600, flag: 'wx' });
      try {
        await sql`VACUUM INTO ${sql.lit(partial)}`.execute(db);
        renameSync(partial, file);
      } finally {
        rmSync(partial, { force: true });
      }
    },
  };
}
