// What the hub asks of its database about runs: one function per question. Runs where the database is open. Knows nothing
// of what a run's state means.

import { type Kysely, sql } from 'kysely';
import type { RunRecord, Tables } from './schema.ts';

/** What the hub holds in memory of its runs, because rules are synchronous. */
export interface RunFacts {
  /** Every run that is kept. */
  readonly runs: readonly Pick<RunRecord, 'id' | 'agent'>[];
  /** Those that have not ended. */
  readonly open: readonly RunRecord[];
  /** The newest ones that have, the last to end last. */
  readonly ended: readonly Pick<RunRecord, 'id' | 'row'>[];
  /** Of those, the ones that have said more than is folded. */
  readonly behind: readonly string[];
}

/** The part of a record that changes. */
export type RunSave = Omit<RunRecord, 'agent' | 'name' | 'opened_at'>;

/** An ended run, and the bytes of its output. */
export interface EndedRun {
  readonly id: string;
  readonly bytes: number;
}

/** Where an ended run stands among those that have: by its end, and where two ended at once, by its id. */
export interface RunPlace {
  readonly closedAt: number;
  readonly id: string;
}

/** An ended run as lists show it. */
export interface ListedRun extends RunPlace {
  /** JSON of its row in the table `runs`. */
  readonly row: string;
}

/** Every question, each atomic. */
export interface RunOperations {
  runFacts(newestEnded: number): Promise<RunFacts>;
  /** Nothing happens where there is a run of this id. */
  addRun(run: RunRecord): Promise<void>;
  run(id: string): Promise<RunRecord | undefined>;
  saveRuns(runs: readonly RunSave[]): Promise<void>;
  /** Rows of ended runs of this name, the last to end first, without the run itself. */
  earlierRuns(ask: { run: string; agent: string; name: string; count: number }): Promise<readonly string[]>;
  /** The first to have ended first: of one agent or of all, before a time or at any. */
  endedRuns(ask: { agent?: string; before?: number; count: number }): Promise<readonly EndedRun[]>;
  /** The last to have ended first: of one agent or of all, those that ended before another or any. */
  listedRuns(ask: { agent?: string; before?: RunPlace; count: number }): Promise<readonly ListedRun[]>;
  /** Its output is a log of its own. */
  removeRun(id: string): Promise<void>;
}

/** The log of a run's output. */
const outputChannel = sql<string>`'runs/' || runs.id`;

/** Runs these operations on an open database. */
export function createRunOperations(db: Kysely<Tables>): RunOperations {
  return {
    async runFacts(newestEnded) {
      return await db.transaction().execute(async (transaction) => {
        const runs = await transaction.selectFrom('runs').select(['id', 'agent']).execute();
        const open = await transaction.selectFrom('runs').selectAll().where('closed_at', 'is', null).execute();
        const ended = await transaction
          .selectFrom('runs')
          .leftJoin('logs', (join) => join.on('logs.channel', '=', outputChannel))
          .select(['runs.id', 'row', 'folded_offset', 'head'])
          .where('closed_at', 'is not', null)
          .orderBy('closed_at', 'desc')
          .limit(newestEnded)
          .execute();
        const behind = ended.filter(({ head, folded_offset: folded }) => (head ?? 0) > folded);
        return {
          runs,
          open,
          ended: ended.toReversed().map(({ id, row }) => ({ id, row })),
          behind: behind.map(({ id }) => id),
        };
      });
    },

    async addRun(run) {
      await db
        .insertInto('runs')
        .values(run)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async run(id) {
      return await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
    },

    async saveRuns(runs) {
      await db.transaction().execute(async (transaction) => {
        for (const { id, ...change } of runs) {
          await transaction.updateTable('runs').set(change).where('id', '=', id).execute();
        }
      });
    },

    async earlierRuns({ run, agent, name, count }) {
      const rows = await db
        .selectFrom('runs')
        .select('row')
        .where('agent', '=', agent)
        .where('name', '=', name)
        .where('closed_at', 'is not', null)
        .where('id', '<>', run)
        .orderBy('closed_at', 'desc')
        .limit(count)
        .execute();
      return rows.map(({ row }) => row);
    },

    async endedRuns({ agent, before, count }) {
      let query = db
        .selectFrom('runs')
        .leftJoin('logs', (join) => join.on('logs.channel', '=', outputChannel))
        .select(['runs.id', 'logs.bytes'])
        .where('closed_at', 'is not', null);
      if (agent !== undefined) query = query.where('agent', '=', agent);
      if (before !== undefined) query = query.where('closed_at', '<', before);
      const rows = await query.orderBy('closed_at').limit(count).execute();
      return rows.map(({ id, bytes }) => ({ id, bytes: bytes ?? 0 }));
    },

    async listedRuns({ agent, before, count }) {
      let query = db.selectFrom('runs').select(['id', 'closed_at', 'row']).where('closed_at', 'is not', null);
      if (agent !== undefined) query = query.where('agent', '=', agent);
      // Two values at once, as one place in the index: ends of the same millisecond are neither skipped nor told twice.
      if (before !== undefined) query = query.where(sql<boolean>`(closed_at, id) < (${before.closedAt}, ${before.id})`);
      const rows = await query.orderBy('closed_at', 'desc').orderBy('id', 'desc').limit(count).execute();
      return rows.map(({ id, closed_at: closedAt, row }) => ({ id, closedAt: closedAt ?? 0, row }));
    },

    async removeRun(id) {
      await db.deleteFrom('runs').where('id', '=', id).execute();
    },
  };
}
