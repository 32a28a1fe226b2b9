// Which runs there are, whose they are, which sessions are theirs, and what is wanted of them. In memory for rules that may
// not wait; a run is claimed in storage before anybody may write to it. What its events come to is the folds' business.

import { runToJson, type RunStateJson } from '@telltale/agent/run-state';
import { MethodFailure } from '@telltale/gateway';
import type { ControlRow, RunRow, RunSnapshot } from '../api.ts';
import type { Storage } from '../storage/storage.ts';
import { newRecord, type OpenRun } from './open-run.ts';
import { RunFolds, type RunFoldsOptions, shownEnded } from './run-folds.ts';
import { lineOf } from './run-row.ts';

export interface RunRegistryOptions extends Pick<RunFoldsOptions, 'gateway' | 'log'> {
  readonly storage: Storage;
  /** What the hub wants of an agent, until it is taken back. */
  readonly control: {
    put(agent: string, key: string, row: ControlRow): void;
    remove(agent: string, key: string): void;
  };
  /** Another number of an agent's runs is under way. */
  readonly onRunning: (agent: string) => void;
  /** Runs have ceased to exist, and their channels with them. */
  readonly onRemoved: () => void;
  readonly now: () => number;
}

export interface RunRegistry {
  readonly folds: RunFolds;
  /** Whose run it is; undefined: there is none. */
  agentOf(run: string): string | undefined;
  /** How many runs of an agent are under way. */
  runningOf(agent: string): number;
  runsOf(agent: string): readonly string[];
  /** How many runs are kept of each agent. */
  kept(): ReadonlyMap<string, number>;
  /** Opens a run for a session of its agent. Answers what is wanted of the run already. */
  claim(
    ask: { readonly run: string; readonly name: string },
    by: { readonly agent: string; readonly session: string },
  ): Promise<{ readonly cancel: ControlRow | null } | MethodFailure>;
  sessionEnded(session: string): void;
  /** Asks a run to end; resolves when that is stored, or will be as soon as the disk takes it. */
  cancel(run: string, by: string): Promise<'asked' | 'ended' | 'unknown'>;
  snapshot(run: string): Promise<RunSnapshot | undefined>;
  /** Lets go of runs and of all they have said; resolves when that is done. */
  remove(runs: readonly string[]): Promise<void>;
  /** Once the gateway is made: folds what was not, shows the rows, says anew what is wanted. */
  start(): Promise<void>;
  /** Lets go of output whose run was removed when the last process ended. */
  removeLeftovers(): Promise<void>;
  /** What is being let go of waits for the next start. */
  stop(): void;
}

/** Runs of one agent, and of all, that may be under way at once. */
const mostRunningOfOne = 100;
const mostRunning = 2000;
/** A run that nobody has reported for so long takes no place of theirs, in milliseconds. */
const longAwayMs = 3_600_000;
/** Between the word that a process should end and the signal that it must, in milliseconds. */
const graceMs = 10_000;
const earlierCount = 5;
const mostNameCharacters = 256;

export async function createRunRegistry(options: RunRegistryOptions): Promise<RunRegistry> {
  const { storage, control, onRunning, onRemoved, log, gateway, now } = options;
  const owners = new Map<string, string>();
  const kept = new Map<string, number>();
  const running = new Map<string, Set<string>>();
  /** Runs that sessions have opened and that have not ended. */
  const sessions = new Map<string, Set<string>>();
  const claims = new Map<string, Promise<unknown>>();
  /** What they said is not gone yet: nobody may open one of them anew. */
  const removing = new Set<string>();
  let life: 'new' | 'running' | 'stopped' = 'new';

  const keep = (run: string, agent: string): void => {
    owners.set(run, agent);
    kept.set(agent, (kept.get(agent) ?? 0) + 1);
  };
  const begin = (run: string, agent: string): void => {
    running.set(agent, (running.get(agent) ?? new Set()).add(run));
    if (life === 'running') onRunning(agent);
  };
  const end = (run: string, agent: string): void => {
    control.remove(agent, cancelKey(run));
    const runs = running.get(agent);
    if (runs?.delete(run) !== true) return;
    if (runs.size === 0) running.delete(agent);
    if (life === 'running') onRunning(agent);
  };
  const forget = (run: string, agent: string): void => {
    owners.delete(run);
    const left = (kept.get(agent) ?? 0) - 1;
    if (left > 0) kept.set(agent, left);
    else kept.delete(agent);
    for (const session of folds.of(run)?.sessions ?? []) sessions.get(session)?.delete(run);
    end(run, agent);
    folds.drop(run);
  };

  const folds = new RunFolds({
    storage,
    gateway,
    onEnded({ origin: { run, agent }, sessions: opened }) {
      for (const session of opened) sessions.get(session)?.delete(run);
      end(run, agent);
    },
    log,
    now,
  });

  const { runs: all, open: unended, ended, behind } = await storage.runFacts(shownEnded);
  for (const { id, agent } of all) keep(id, agent);
  for (const record of unended) {
    folds.add(record);
    begin(record.id, record.agent);
  }
  for (const channel of await storage.storedChannels('runs')) {
    const run = channel.slice('runs/'.length);
    if (!owners.has(run)) removing.add(run);
  }

  /** Without those nobody has reported for long: their machine may be gone for good, and must not shut out new ones. */
  const presentOf = (runs: Iterable<string>): number => {
    let count = 0;
    for (const run of runs) if (now() - (folds.of(run)?.awaySince ?? now()) < longAwayMs) count++;
    return count;
  };

  const tooMany = (agent: string): MethodFailure | undefined => {
    const own = presentOf(running.get(agent) ?? []);
    const total = [...running.values()].reduce((sum, runs) => sum + presentOf(runs), claims.size);
    const [found, most, whose] =
      own >= mostRunningOfOne ? [own, mostRunningOfOne, `runs of ${agent}`] : [total, mostRunning, 'runs'];
    if (found < most) return undefined;
    const message = `found ${found} ${whose} under way, expected fewer than ${most}; this one can be opened when one has ended`;
    return new MethodFailure({ code: 4429, message, retryAfterMs: 30_000 });
  };

  /** Stored first: after a crash a run that somebody could write to is there. */
  const store = async (run: string, name: string, agent: string): Promise<MethodFailure | undefined> => {
    const refusal = tooMany(agent);
    if (refusal !== undefined) return refusal;
    const record = newRecord({ run, agent, name: lineOf(name, mostNameCharacters) || run, openedAt: now() });
    const claim = storage.addRun(record);
    claims.set(run, claim);
    try {
      await claim;
    } catch (error) {
      log.error({ err: error, run }, 'A run could not be stored; its agent tries again');
      return new MethodFailure({ code: 4503, message: 'the database takes nothing', retryAfterMs: 10_000 });
    } finally {
      claims.delete(run);
    }
    keep(run, agent);
    folds.add(record);
    begin(run, agent);
    return undefined;
  };

  const cancelRow = ({ origin: { run }, cancel }: OpenRun): ControlRow | null =>
    cancel === undefined ? null : { type: 'cancel', run, ...cancel, graceMs };

  const removeOutput = async (runs: Iterable<string>): Promise<void> => {
    for (const run of runs) {
      while (await storage.expire({ kind: 'log', channel: `runs/${run}` })) if (life === 'stopped') return;
      removing.delete(run);
    }
  };

  return {
    folds,
    agentOf: (run) => owners.get(run),
    runningOf: (agent) => running.get(agent)?.size ?? 0,
    runsOf: (agent) => [...owners].flatMap(([run, owner]) => (owner === agent ? [run] : [])),
    kept: () => kept,

    async claim({ run, name }, { agent, session }) {
      const opened = sessions.get(session) ?? new Set();
      sessions.set(session, opened);
      // Of two who claim a run at once the second finds it claimed.
      while (claims.has(run)) await Promise.allSettled([claims.get(run)]);
      if (removing.has(run)) {
        const message = `run ${run} is being removed; open it again when that is done`;
        return new MethodFailure({ code: 4503, message, retryAfterMs: 10_000 });
      }
      const owner = owners.get(run);
      if (owner !== undefined && owner !== agent) {
        return new MethodFailure({ code: 4403, message: `run ${run} is another agent's` });
      }
      const refusal = owner === undefined ? await store(run, name, agent) : undefined;
      if (refusal !== undefined) return refusal;
      const open = folds.of(run);
      if (open === undefined || open.hasEnded) return { cancel: null };
      // Who has gone meanwhile is not here.
      if (sessions.get(session) === opened) {
        opened.add(run);
        open.attach(session, now());
        folds.changed(open);
      }
      return { cancel: cancelRow(open) };
    },

    sessionEnded(session) {
      const runs = sessions.get(session) ?? [];
      sessions.delete(session);
      for (const run of runs) {
        const open = folds.of(run);
        if (open?.detach(session, now()) === true) folds.changed(open);
      }
    },

    async cancel(run, by) {
      const agent = owners.get(run);
      if (agent === undefined) return 'unknown';
      const open = folds.of(run);
      if (open === undefined || open.hasEnded) return 'ended';
      open.askForEnd({ by, at: now() });
      folds.changed(open);
      const row = cancelRow(open);
      if (row !== null) control.put(agent, cancelKey(run), row);
      // Where the disk takes nothing it is saved later, and the log says so.
      await folds.saveNow(open).catch(() => undefined);
      return 'asked';
    },

    async snapshot(run) {
      const record = folds.of(run) === undefined ? await storage.run(run) : undefined;
      const origin = folds.of(run)?.origin ?? record;
      if (origin === undefined) return undefined;
      const { agent, name } = origin;
      const rows = await storage.earlierRuns({ run, agent, name, count: earlierCount });
      const earlier = rows.map((row) => earlierOf(JSON.parse(row) as RunRow));
      // Read last, and at once: row, state and position are of the same moment.
      const open = folds.of(run);
      if (open !== undefined) {
        return { row: open.row, state: runToJson(open.state), position: open.folded ?? null, earlier };
      }
      const stored = record ?? (await storage.run(run));
      if (stored === undefined) return undefined;
      const { row, state, folded_epoch: epoch, folded_offset: offset } = stored;
      return {
        row: JSON.parse(row) as RunRow,
        state: JSON.parse(state) as RunStateJson,
        position: epoch === null ? null : { epoch, offset },
        earlier,
      };
    },

    async remove(runs) {
      const removed: string[] = [];
      for (const run of runs) {
        const agent = owners.get(run);
        if (agent === undefined) continue;
        await storage.removeRun(run);
        removing.add(run);
        forget(run, agent);
        removed.push(run);
      }
      if (removed.length > 0) onRemoved();
      await removeOutput(removed);
    },

    async start() {
      life = 'running';
      for (const { row } of ended) folds.showEnded(JSON.parse(row) as RunRow);
      for (const run of behind) await folds.read(run);
      for (const open of folds.open()) {
        await folds.read(open.origin.run);
        if (open.hasEnded) continue;
        folds.changed(open);
        const row = cancelRow(open);
        if (row !== null) control.put(open.origin.agent, cancelKey(open.origin.run), row);
      }
    },

    removeLeftovers: () => removeOutput([...removing]),

    stop() {
      life = 'stopped';
    },
  };
}

/** Stays in the table `control/<agent>` until the run has ended. */
function cancelKey(run: string): string {
  return `cancel:${run}`;
}

function earlierOf({ run, startedAt, endedAt, state }: RunRow): RunSnapshot['earlier'][number] {
  return { run, tookMs: Math.max(0, (endedAt ?? startedAt) - startedAt), state };
}
