// When what the recorder knows goes to the disk: a few times a second, in one transaction of a bounded size; and when it
// is let go of. A disk that takes nothing is told of once, and costs a bounded amount of memory. Knows no channel.

import type { GatewayLog } from '@telltale/gateway';
import type { AttemptRecord, RefusalRow } from '../api.ts';
import type { Storage } from '../storage/storage.ts';
import type { Recorder } from './recorder.ts';

/** What is kept on the disk. */
export const attemptRetention: { readonly days: number; readonly count: number; readonly bytes: number } = {
  days: 14,
  count: 20_000,
  bytes: 64 * 1024 * 1024,
};

const dayMs = 24 * 3_600_000;
/** What happens in a session is saved within so long; how it began and ended at the next tick. */
const lazyMs = 10_000;
const mostAtOnce = 500;
/** Of what waits to be saved, or to be removed, on a disk that takes nothing. */
const mostWaiting = 10_000;
const removedAtOnce = 500;
const everyDropMs = 60_000;

/** Records that are no longer in memory and wait for the disk. */
const mostEvicted = 2_000;

type Batch = Parameters<Storage['saveAttempts']>[0];

export interface AttemptSaver {
  changed(id: string, saved: 'soon' | 'lazily'): void;
  /** These rows are to be written, each with its newest attempt. */
  refused(rows: readonly RefusalRow[]): void;
  /** A record that is no longer in memory: kept here until it is saved, if it has something unsaved. */
  evicted(id: string, record: () => AttemptRecord): void;
  /** Such a record. */
  held(id: string): AttemptRecord | undefined;
  forgotten(gone: { readonly attempts: readonly string[]; readonly refusals: readonly string[] }): void;
  /** These rows and refused attempts are on the disk already. */
  restored(ids: readonly string[]): void;
  /** Saves what is due, unless the last time is not over. */
  tick(): void;
  /** Resolves when no saving is under way. */
  idle(): Promise<void>;
  /** Saves everything; resolves also where the disk took nothing, which was told. */
  flush(): Promise<void>;
}

export interface AttemptSaverOptions {
  readonly storage: Pick<Storage, 'saveAttempts' | 'dropAttempts'>;
  readonly recorder: () => Pick<Recorder, 'record'>;
  readonly log: GatewayLog;
  readonly now?: () => number;
}

export function createAttemptSaver(options: AttemptSaverOptions): AttemptSaver {
  const { storage, recorder, log, now = Date.now } = options;
  /** Attempts with something unsaved, and when it is due. */
  const due = new Map<string, number>();
  const evicted = new Map<string, AttemptRecord>();
  const rows = new Map<string, RefusalRow>();
  const gone = { attempts: new Set<string>(), refusals: new Set<string>() };
  /** Refused attempts, and rows, that are on the disk: the others need not be removed there. */
  const stored = new Set<string>();
  let work: Promise<void> | undefined;
  let droppedAt = -Infinity;
  let hasFailed = false;

  const bound = (
    waiting: { readonly size: number; delete(id: string): unknown; keys(): Iterable<string> },
    most: number = mostWaiting,
  ): void => {
    if (waiting.size <= most) return;
    for (const oldest of waiting.keys()) return void waiting.delete(oldest);
  };
  const mark = (id: string, at: number): void => {
    // A clock that was set back must not put off what is due.
    due.set(id, Math.min(due.get(id) ?? Infinity, at));
    bound(due);
  };
  const evict = (id: string, record: AttemptRecord): void => {
    evicted.set(id, record);
    bound(evicted, mostEvicted);
  };
  /** Thousands may wait for their time; looking through them a few times a second makes no copy. */
  const idsDue = (until: number): readonly string[] => {
    const ids: string[] = [];
    for (const [id, at] of due) {
      if (at > until) continue;
      ids.push(id);
      if (ids.length === mostAtOnce) break;
    }
    return ids;
  };
  const recordsDue = (until: number): Batch['attempts'] =>
    idsDue(until).flatMap((id) => {
      due.delete(id);
      const record = recorder().record(id) ?? evicted.get(id);
      evicted.delete(id);
      if (record === undefined) return [];
      if (record.refusal !== null) stored.add(id);
      const text = JSON.stringify(record);
      const isLive = record.session !== null && record.ending === null;
      return [{ id, changed_at: now(), is_live: isLive ? 1 : 0, bytes: Buffer.byteLength(text), record: text }];
    });
  /** What is to be written now; undefined: nothing. What is forgotten waits until something is written. */
  const collect = (how: 'due' | 'everything'): Batch | undefined => {
    const attempts = recordsDue(how === 'due' ? now() : Infinity);
    if (rows.size + attempts.length === 0 && how === 'due') return undefined;
    const refusals = [...rows.values()].slice(0, mostAtOnce).map((row) => {
      rows.delete(row.id);
      stored.add(row.id);
      return { id: row.id, last_at: row.last, row: JSON.stringify(row) };
    });
    return {
      attempts,
      refusals,
      forgottenAttempts: takeFrom(gone.attempts),
      forgottenRefusals: takeFrom(gone.refusals),
    };
  };
  const save = async (how: 'due' | 'everything'): Promise<void> => {
    const batch = collect(how);
    if (batch === undefined) return;
    try {
      await storage.saveAttempts(batch);
      hasFailed = false;
    } catch (error) {
      for (const { id, record } of batch.attempts) {
        mark(id, -Infinity);
        if (recorder().record(id) === undefined) evict(id, JSON.parse(record) as AttemptRecord);
      }
      for (const { id, row } of batch.refusals) if (!rows.has(id)) rows.set(id, JSON.parse(row) as RefusalRow);
      bound(rows);
      for (const id of batch.forgottenAttempts) gone.attempts.add(id);
      for (const id of batch.forgottenRefusals) gone.refusals.add(id);
      bound(gone.attempts);
      bound(gone.refusals);
      if (!hasFailed) log.error({ err: error }, 'Attempts to connect could not be saved; it is tried again');
      hasFailed = true;
    }
  };
  const drop = async (): Promise<void> => {
    const { days, count, bytes } = attemptRetention;
    const before = now() - days * dayMs;
    try {
      while (await storage.dropAttempts({ before, count, bytes, step: removedAtOnce })) {
        // Others want the database too; whatever else is over goes in the next step.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } catch (error) {
      log.error({ err: error }, 'Attempts that are kept no longer could not be removed; it is tried again');
    }
  };

  return {
    changed: (id, saved) => mark(id, saved === 'soon' ? -Infinity : now() + lazyMs),
    refused(changed) {
      for (const row of changed) {
        rows.set(row.id, row);
        mark(row.attempt, -Infinity);
      }
      bound(rows);
    },
    evicted(id, record) {
      if (due.has(id)) evict(id, record());
    },
    held: (id) => evicted.get(id),
    forgotten({ attempts, refusals }) {
      for (const id of attempts) {
        due.delete(id);
        evicted.delete(id);
        if (stored.delete(id)) gone.attempts.add(id);
        bound(gone.attempts);
      }
      for (const id of refusals) {
        rows.delete(id);
        if (stored.delete(id)) gone.refusals.add(id);
        bound(gone.refusals);
      }
    },
    restored(ids) {
      for (const id of ids) stored.add(id);
    },
    tick() {
      if (work !== undefined) return;
      const isDropDue = now() - droppedAt >= everyDropMs || now() < droppedAt;
      if (isDropDue) droppedAt = now();
      work = save('due')
        .then(() => (isDropDue ? drop() : undefined))
        .finally(() => {
          work = undefined;
        });
    },
    async idle() {
      await work;
    },
    async flush() {
      await work;
      // What waits is bounded, and so is this where the disk takes nothing.
      for (let left = Math.max(due.size, rows.size, gone.attempts.size, 1); left > 0; left -= mostAtOnce)
        await save('everything');
    },
  };
}

function takeFrom(ids: Set<string>): string[] {
  const taken = [...ids].slice(0, mostAtOnce);
  for (const id of taken) ids.delete(id);
  return taken;
}
