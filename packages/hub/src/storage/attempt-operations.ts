// What the hub asks of its database about attempts to connect: one function per question. Runs where the database is open.
// Knows nothing of what a record means.

import type { Kysely } from 'kysely';
import type { StoredAttemptRecord, StoredRefusalRecord, Tables } from './schema.ts';

/** What the recorder begins with: JSON, the oldest first. */
export interface AttemptFactsStored {
  readonly refusals: readonly string[];
  /** Those whose session was open, and the newest others; of these all that were saved since a time. */
  readonly records: readonly string[];
}

/** What the recorder has to save and to let go of. */
export interface AttemptSave {
  readonly attempts: readonly StoredAttemptRecord[];
  readonly refusals: readonly StoredRefusalRecord[];
  readonly forgottenAttempts: readonly string[];
  readonly forgottenRefusals: readonly string[];
}

/** How much is kept. */
export interface AttemptRetention {
  /** What was saved last before this time goes; milliseconds since the epoch. */
  readonly before: number;
  /** Of those that are over, as `bytes`: one whose session lives takes nobody's place. */
  readonly count: number;
  readonly bytes: number;
  /** Removed at once at the most. */
  readonly step: number;
}

/** Every question, each atomic. */
export interface AttemptOperations {
  attemptFacts(newest: number, since?: number): Promise<AttemptFactsStored>;
  attempt(id: string): Promise<string | undefined>;
  /** No session outlives the process that kept it: what is marked as live is so no longer. */
  endLiveAttempts(): Promise<void>;
  saveAttempts(save: AttemptSave): Promise<void>;
  /** Removes some of what is kept no longer, the oldest first. Answers whether there may be more. */
  dropAttempts(retention: AttemptRetention): Promise<boolean>;
}

/** Runs these operations on an open database. */
export function createAttemptOperations(db: Kysely<Tables>): AttemptOperations {
  return {
    async attemptFacts(newest, since = Infinity) {
      return await db.transaction().execute(async (transaction) => {
        const refusals = await transaction.selectFrom('refusals').select('row').orderBy('last_at').execute();
        const live = await transaction.selectFrom('attempts').select('record').where('is_live', '=', 1).execute();
        const { recent } = await transaction
          .selectFrom('attempts')
          .select(({ fn }) => fn.countAll<number>().as('recent'))
          .where('is_live', '=', 0)
          .where('changed_at', '>=', since)
          .executeTakeFirstOrThrow();
        const others = await transaction
          .selectFrom('attempts')
          .select('record')
          .where('is_live', '=', 0)
          .orderBy('changed_at', 'desc')
          .limit(Math.max(newest, recent))
          .execute();
        return {
          refusals: refusals.map(({ row }) => row),
          records: [...others.toReversed(), ...live].map(({ record }) => record),
        };
      });
    },

    async attempt(id) {
      const row = await db.selectFrom('attempts').select('record').where('id', '=', id).executeTakeFirst();
      return row?.record;
    },

    async endLiveAttempts() {
      await db.updateTable('attempts').set({ is_live: 0 }).where('is_live', '=', 1).execute();
    },

    async saveAttempts({ attempts, refusals, forgottenAttempts, forgottenRefusals }) {
      await db.transaction().execute(async (transaction) => {
        for (const { id, ...change } of attempts) {
          await transaction
            .insertInto('attempts')
            .values({ id, ...change })
            .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
            .execute();
        }
        for (const { id, ...change } of refusals) {
          await transaction
            .insertInto('refusals')
            .values({ id, ...change })
            .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
            .execute();
        }
        if (forgottenAttempts.length > 0) {
          await transaction.deleteFrom('attempts').where('id', 'in', forgottenAttempts).execute();
        }
        if (forgottenRefusals.length > 0) {
          await transaction.deleteFrom('refusals').where('id', 'in', forgottenRefusals).execute();
        }
      });
    },

    async dropAttempts({ before, count, bytes, step }) {
      return await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('refusals').where('last_at', '<', before).execute();
        const { kept, held } = await transaction
          .selectFrom('attempts')
          .select(({ fn }) => [fn.countAll<number>().as('kept'), fn.sum<number | null>('bytes').as('held')])
          .where('is_live', '=', 0)
          .executeTakeFirstOrThrow();
        const oldest = await transaction
          .selectFrom('attempts')
          .select(['id', 'changed_at', 'bytes'])
          .where('is_live', '=', 0)
          .orderBy('changed_at')
          .limit(step)
          .execute();
        let excess = kept - count;
        let excessBytes = (held ?? 0) - bytes;
        const gone: string[] = [];
        for (const attempt of oldest) {
          if (attempt.changed_at >= before && excess <= 0 && excessBytes <= 0) break;
          gone.push(attempt.id);
          excess--;
          excessBytes -= attempt.bytes;
        }
        if (gone.length > 0) await transaction.deleteFrom('attempts').where('id', 'in', gone).execute();
        return gone.length === step;
      });
    },
  };
}
