// How long and how much the hub keeps of what was reported: the bounds an administrator has chosen, and the work of letting
// go, in small steps with rests between, so that nothing that is being reported waits for it. Knows no HTTP.

import type { GatewayLog } from '@telltale/gateway';
import type { Retention } from '../api.ts';
import type { Runs } from '../runs/runs.ts';
import type { Expiry } from '../storage/message-expiry.ts';
import type { Storage } from '../storage/storage.ts';
import { defaultRetention, isRetention } from './retention-bounds.ts';

export interface RetentionKeeperOptions {
  readonly storage: Pick<Storage, 'choice' | 'choose' | 'expire' | 'endedRuns' | 'familyBytes'>;
  readonly runs: Pick<Runs, 'openRuns' | 'kept' | 'flush' | 'remove' | 'removeLeftovers'>;
  readonly log: GatewayLog;
  readonly now?: () => number;
}

export interface RetentionKeeper {
  readonly current: Retention;
  /** Takes other bounds and begins to keep them; resolves when they are stored. */
  choose(retention: Retention): Promise<void>;
  /** So many bytes were written: after enough of them it is looked what is over. */
  onCommitted(bytes: number): void;
  start(): void;
  /** Resolves when no step is under way. */
  stop(): Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mebibyte = 1024 * 1024;
/** Written bytes after which it is looked without waiting for the next hour: so much, or such a part of the least bound. */
const look = { bytes: 32 * mebibyte, share: 1 / 8 };
/** Between two steps, in milliseconds: the thread of the database has half its time for others at the least. */
const restMs = 20;
/** Samples are kept for the charts of the last quarter of an hour, and for who comes back to them. */
const metrics = { ms: hourMs, bytes: 512 * mebibyte };
/** Output of one run: a longer one loses its beginning, even while it runs. */
const outputBytes = 256 * mebibyte;
/** Ended runs of one agent: one a minute for a month. */
const mostEndedOfOne = 50_000;
const removedAtOnce = 100;

export async function createRetention(options: RetentionKeeperOptions): Promise<RetentionKeeper> {
  const { storage, runs, log, now = Date.now } = options;
  const stored: unknown = JSON.parse((await storage.choice('retention')) ?? 'null');
  let current = isRetention(stored) ? stored : defaultRetention;
  let written = 0;
  let state: 'new' | 'running' | 'stopped' = 'new';
  let isDueAgain = false;
  let pass: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Makes steps until one finds nothing to do, or the hub stops. */
  const inSteps = async (step: () => Promise<boolean>): Promise<void> => {
    for (;;) {
      if (state !== 'running' || !(await step())) return;
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  };
  const expire = (expiry: Expiry): Promise<void> => inSteps(() => storage.expire(expiry));
  const remove = async (ids: readonly string[]): Promise<boolean> => {
    await runs.remove(ids);
    return ids.length > 0;
  };

  const removeOldRuns = async (): Promise<void> => {
    const before = now() - current.runDays * dayMs;
    await inSteps(async () => remove(idsOf(await storage.endedRuns({ before, count: removedAtOnce }))));
    // Of these no session has been open for as long: their machines are gone for good.
    const silent = [...runs.openRuns()].filter(
      ({ hasEnded, awaySince }) => !hasEnded && awaySince !== null && awaySince < before,
    );
    await remove(silent.map(({ origin }) => origin.run));
  };

  const removeRunsOverBytes = (): Promise<void> =>
    inSteps(async () => {
      let excess = (await storage.familyBytes('runs')) - current.runBytes;
      const over: string[] = [];
      for (const { id, bytes } of excess > 0 ? await storage.endedRuns({ count: removedAtOnce }) : []) {
        if (excess <= 0) break;
        over.push(id);
        excess -= bytes;
      }
      return await remove(over);
    });

  const removeRunsOverCount = async (): Promise<void> => {
    for (const [agent, count] of [...runs.kept()]) {
      let excess = count - mostEndedOfOne;
      await inSteps(async () => {
        if (excess <= 0) return false;
        const oldest = await storage.endedRuns({ agent, count: Math.min(excess, removedAtOnce) });
        excess -= oldest.length;
        return await remove(idsOf(oldest));
      });
    }
  };

  const letGo = async (): Promise<void> => {
    await runs.removeLeftovers();
    await expire({ kind: 'age', family: 'metrics', before: now() - metrics.ms });
    await expire({ kind: 'family-bytes', family: 'metrics', most: metrics.bytes });
    await expire({ kind: 'age', family: 'logs', before: now() - current.logDays * dayMs });
    await expire({ kind: 'family-bytes', family: 'logs', most: current.logBytes });
    // What is not folded and saved yet is needed to fold it after a crash.
    await runs.flush();
    const most = Math.min(outputBytes, current.runBytes);
    for (const { origin, savedOffset } of [...runs.openRuns()]) {
      await expire({ kind: 'log-bytes', channel: `runs/${origin.run}`, most, upTo: savedOffset });
    }
    await removeOldRuns();
    await removeRunsOverBytes();
    await removeRunsOverCount();
  };

  const lookAgain = (): void => {
    if (state !== 'running') return;
    written = 0;
    isDueAgain = pass !== undefined;
    pass ??= letGo()
      .catch((error: unknown) =>
        log.error({ err: error }, 'What is no longer kept could not be removed; it is tried again'),
      )
      .finally(() => {
        pass = undefined;
        if (isDueAgain) lookAgain();
      });
  };

  return {
    get current() {
      return current;
    },
    async choose(retention) {
      await storage.choose('retention', JSON.stringify(retention));
      current = retention;
      lookAgain();
    },
    onCommitted(bytes) {
      written += bytes;
      const { runBytes, logBytes } = current;
      if (written >= Math.min(look.bytes, Math.min(runBytes, logBytes) * look.share)) lookAgain();
    },
    start() {
      state = 'running';
      timer = setInterval(lookAgain, hourMs);
      lookAgain();
    },
    async stop() {
      state = 'stopped';
      clearInterval(timer);
      await pass;
    },
  };
}

function idsOf(runs: readonly { readonly id: string }[]): readonly string[] {
  return runs.map(({ id }) => id);
}
