// Decides when this machine is read and hands each sample on: one a second while somebody watches, one in ten seconds
// otherwise. Made by the hub for its own machine. Knows nothing of channels or sockets.

import { systemClock, type Clock } from './clock.ts';
import type { AgentLog } from './collector.ts';
import { createMachine, type Machine } from './machine.ts';
import { createRowChanges, type RowChange } from './row-changes.ts';
import type { HubCost, ProcessRow, Sample } from './sample.ts';

export interface ReporterOptions {
  /** Receives each sample. A throw is logged and loses that sample only. */
  readonly report: (sample: Sample) => void;
  /** Receives what changed in the table of top processes: a batch for a publish, never empty. */
  readonly reportProcesses: (changes: readonly RowChange<ProcessRow>[]) => void;
  /** What the hub itself costs, asked with each sample. */
  readonly hubCost?: () => HubCost;
  /** Whether processes are read while nobody watches, too. Default true. */
  readonly readsProcessesUnwatched?: boolean;
  readonly log: AgentLog;
  readonly clock?: Clock;
  /** Default: this machine. */
  readonly machine?: Machine;
}

export interface Reporter {
  /** Begins; the first sample follows within a second. Does not keep the process alive. */
  start(): void;
  /** Ends for good: from now on nothing is reported, also not the reading under way. */
  stop(): void;
  /** Whether somebody watches: samples follow each other in 1 s instead of 10 s, from now on. */
  setWatched(isWatched: boolean): void;
  /** Sends every process again with the next reading: the table on the other side was lost. */
  resendProcesses(): void;
}

/** Milliseconds between samples, with and without somebody watching. */
export const watchedMs = 1000;
export const unwatchedMs = 10_000;
/** Milliseconds between readings of the processes while somebody watches: they cost more than all the rest. */
const processesMs = 3000;
/** Shares of CPU over a longer time than this say nothing of now, in milliseconds. */
const longestMeasureMs = 15_000;

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'waiting'; readonly cancel: () => void }
  | { readonly kind: 'reading' }
  | { readonly kind: 'stopped' };

export function createReporter(options: ReporterOptions): Reporter {
  const { report, reportProcesses, hubCost, readsProcessesUnwatched = true, log, clock = systemClock } = options;
  const machine = options.machine ?? createMachine({ clock, log });
  const changes = createRowChanges<ProcessRow>(({ pid }) => String(pid));
  const failed = new Set<string>();
  let state: State = { kind: 'new' };
  let isWatched = false;
  let sampledAt = Number.NEGATIVE_INFINITY;
  let processesAt = Number.NEGATIVE_INFINITY;
  /** When the processes were last read, whatever came of it. */
  let measuredAt = Number.NEGATIVE_INFINITY;

  const isStopped = (): boolean => state.kind === 'stopped';
  const intervalMs = (): number => (isWatched ? watchedMs : unwatchedMs);

  function waitUntil(due: number): void {
    const cancel = clock.after(Math.max(0, due - clock.monotonic()), () => {
      state = { kind: 'reading' };
      void readOnce();
    });
    state = { kind: 'waiting', cancel };
  }

  async function readOnce(): Promise<void> {
    const begun = clock.monotonic();
    // Before the first sample the reading only takes the measure of the counters, and a sample follows soon.
    const isReported = await attempt('sample', async () => {
      const at = clock.now();
      const taken = await machine.read();
      if (taken === undefined || isStopped()) return false;
      const cost = hubCost && (await attempt('hub cost', async () => hubCost()));
      report({ at, intervalMs: intervalMs(), ...taken, ...(cost && { hub: cost }) });
      return true;
    });
    if ((isWatched || readsProcessesUnwatched) && begun - processesAt >= processesMs && !isStopped()) {
      const isLongAgo = begun - measuredAt > longestMeasureMs;
      processesAt = measuredAt = begun;
      await attempt('processes', async () => {
        const read = await machine.readProcesses();
        // That was the measure to begin with: the next reading has rows.
        const rows = isLongAgo ? undefined : read;
        if (rows === undefined) processesAt = Number.NEGATIVE_INFINITY;
        if (rows === undefined || isStopped()) return;
        const next = changes.next(rows);
        if (next.length > 0) reportProcesses(next);
      });
    }
    if (isStopped()) return;
    sampledAt = begun;
    waitUntil(begun + (isReported === false ? watchedMs : intervalMs()));
  }

  /** Runs a part that must not take the rest down; its first failure is logged. */
  async function attempt<Result>(part: string, body: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await body();
    } catch (error) {
      if (!failed.has(part)) log.warn({ err: error, part }, `Reporting this machine's ${part} failed`);
      failed.add(part);
      return undefined;
    }
  }

  return {
    start() {
      if (state.kind === 'new') waitUntil(clock.monotonic());
    },
    stop() {
      if (state.kind === 'waiting') state.cancel();
      state = { kind: 'stopped' };
    },
    setWatched(next) {
      if (next === isWatched) return;
      isWatched = next;
      // Somebody who just came does not wait out the ten seconds. Who left is noticed by the next sample, which says so.
      if (!isWatched || state.kind !== 'waiting') return;
      state.cancel();
      waitUntil(sampledAt + watchedMs);
    },
    resendProcesses() {
      changes.reset();
    },
  };
}
