// What the hub asks of its database about agents and the enrolments that make them: one function per question. Runs
// where the database is open. Knows no token and no credential, only hashes and ids.

import type { Kysely } from 'kysely';
import type { AgentRecord, EnrolmentRecord, Tables } from './schema.ts';

/** What the hub holds in memory, because rules are synchronous. */
export interface AgentFacts {
  readonly agents: readonly AgentRecord[];
  /** Not used yet; they may have expired. */
  readonly enrolments: readonly EnrolmentRecord[];
}

/** The part of an agent's record that follows its sessions and its own reports. */
export type AgentReport = Pick<
  AgentRecord,
  'name' | 'facts' | 'files' | 'state' | 'since' | 'reason' | 'last_seen_at' | 'conflict'
>;

export type Enrolled =
  | { readonly kind: 'enrolled'; readonly name: string; readonly createdBy: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'used' }
  /** Neither the enrolment nor the machine named it, and nothing else says how it may be called. */
  | { readonly kind: 'name-missing' }
  /** The enrolment is for this name, and the machine asked for another. */
  | { readonly kind: 'name-differs'; readonly name: string }
  /** There is such an agent, and the enrolment was not made for it by name. */
  | { readonly kind: 'name-taken'; readonly name: string };

/** How long a token that is over is told from one that never was. */
const rememberedMs = 24 * 3_600_000;

/** Enrolments that may wait at once. */
export const mostEnrolments = 100;

/** Every question, each atomic. */
export interface AgentOperations {
  agentFacts(): Promise<AgentFacts>;
  /** Takes the place of one that waits under the same name. False: too many wait already. */
  addEnrolment(enrolment: Omit<EnrolmentRecord, 'used_at'>): Promise<boolean>;
  /** Ends those that wait under this name. */
  endEnrolments(name: string): Promise<boolean>;
  /** Spends an enrolment and makes its agent, or gives the agent it was made for its new credential: all or nothing. */
  enrol(ask: {
    hash: string;
    /** What the machine asks to be called. */
    name: string | undefined;
    /** What it is called where nobody says. */
    otherwise: string | undefined;
    machine: string;
    facts: string;
    credentialId: string;
    now: number;
  }): Promise<Enrolled>;
  revokeAgent(name: string, now: number): Promise<boolean>;
  /** Forgets an agent; only one that was revoked. */
  removeAgent(name: string): Promise<boolean>;
  /** Makes the credential good for another machine. */
  setMachine(name: string, machine: string): Promise<boolean>;
  saveReports(reports: readonly AgentReport[]): Promise<void>;
}

/** Runs these operations on an open database. */
export function createAgentOperations(db: Kysely<Tables>): AgentOperations {
  return {
    async agentFacts() {
      const agents = await db.selectFrom('agents').selectAll().orderBy('name').execute();
      const enrolments = await db.selectFrom('enrolments').selectAll().where('used_at', 'is', null).execute();
      return { agents, enrolments };
    },

    async addEnrolment(enrolment) {
      const { name, created_at: now } = enrolment;
      return await db.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('enrolments')
          .where('expires_at', '<', now - rememberedMs)
          .execute();
        if (name !== null) {
          await transaction.deleteFrom('enrolments').where('name', '=', name).where('used_at', 'is', null).execute();
        }
        const { waiting } = await transaction
          .selectFrom('enrolments')
          .select((row) => row.fn.countAll<number>().as('waiting'))
          .where('used_at', 'is', null)
          .where('expires_at', '>', now)
          .executeTakeFirstOrThrow();
        if (waiting >= mostEnrolments) return false;
        await transaction
          .insertInto('enrolments')
          .values({ ...enrolment, used_at: null })
          .execute();
        return true;
      });
    },

    async endEnrolments(name) {
      const { numDeletedRows } = await db
        .deleteFrom('enrolments')
        .where('name', '=', name)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async enrol({ hash, name: asked, otherwise, machine, facts, credentialId, now }) {
      return await db.transaction().execute(async (transaction): Promise<Enrolled> => {
        // Spent first: of two machines at once the second finds it used, whatever it asks for.
        const enrolment = await transaction
          .updateTable('enrolments')
          .set({ used_at: now })
          .where('hash', '=', hash)
          .where('used_at', 'is', null)
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst();
        if (enrolment === undefined) {
          const found = await transaction
            .selectFrom('enrolments')
            .select('used_at')
            .where('hash', '=', hash)
            .executeTakeFirst();
          return { kind: found === undefined ? 'unknown' : found.used_at === null ? 'expired' : 'used' };
        }
        /** What is wrong with the name can be put right: the token stays good. */
        const unspent = async (outcome: Enrolled): Promise<Enrolled> => {
          await transaction.updateTable('enrolments').set({ used_at: null }).where('hash', '=', hash).execute();
          return outcome;
        };
        const name = enrolment.name ?? asked ?? otherwise;
        if (name === undefined) return await unspent({ kind: 'name-missing' });
        if (asked !== undefined && asked !== name) return await unspent({ kind: 'name-differs', name });
        const { created_by: createdBy } = enrolment;
        const credential = {
          credential_id: credentialId,
          machine,
          enrolled_at: now,
          enrolled_by: createdBy,
          revoked_at: null,
          conflict: null,
        };
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('agents')
          .values({
            name,
            ...credential,
            facts,
            files: '[]',
            state: 'never-seen',
            since: now,
            reason: null,
            last_seen_at: null,
          })
          .onConflict((conflict) =>
            enrolment.name === null ? conflict.doNothing() : conflict.column('name').doUpdateSet(credential),
          )
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) return await unspent({ kind: 'name-taken', name });
        return { kind: 'enrolled', name, createdBy };
      });
    },

    async revokeAgent(name, now) {
      const { numUpdatedRows } = await db
        .updateTable('agents')
        .set({ revoked_at: now, conflict: null })
        .where('name', '=', name)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async removeAgent(name) {
      const { numDeletedRows } = await db
        .deleteFrom('agents')
        .where('name', '=', name)
        .where('revoked_at', 'is not', null)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async setMachine(name, machine) {
      const { numUpdatedRows } = await db
        .updateTable('agents')
        .set({ machine, conflict: null })
        .where('name', '=', name)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async saveReports(reports) {
      if (reports.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        for (const { name, ...report } of reports) {
          await transaction.updateTable('agents').set(report).where('name', '=', name).execute();
        }
      });
    },
  };
}
