// The runs whose events are being folded: takes events as they are appended, shows rows in the table `runs`, saves what is
// folded. What is not saved when the process is killed is folded again out of the store. Knows no session and no rule.

import type { RunEvent } from '@telltale/agent/run-events';
import type { Appended, Gateway, GatewayLog } from '@telltale/gateway';
import { ReportSaver } from '../agents/report-saver.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import type { RunRow } from '../api.ts';
import type { RunRecord } from '../storage/schema.ts';
import type { Storage } from '../storage/storage.ts';
import { foldStored } from './fold-stored.ts';
import { OpenRun } from './open-run.ts';

export interface RunFoldsOptions {
  readonly storage: Pick<Storage, 'run' | 'saveRuns' | 'messagesAfter'>;
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read'>;
  /** A run has ended that had not. */
  readonly onEnded: (open: OpenRun) => void;
  readonly log: GatewayLog;
  readonly now: () => number;
}

/** How many ended runs the table shows; older ones are opened by their address. */
export const shownEnded = 1000;
/** How long what is folded of a running run may be unsaved: so much is folded again after a crash. */
const saveMs = 5000;
/** How long a run that has ended is held for what may still come of it. */
const lingerMs = 5000;

interface Reading {
  /** Events have come meanwhile. */
  again: boolean;
  done: Promise<void>;
}

export class RunFolds {
  readonly #options: RunFoldsOptions;
  readonly #open = new Map<string, OpenRun>();
  /** Runs that are being read from the store; events that come meanwhile are read there too. */
  readonly #reading = new Map<string, Reading>();
  readonly #table: LiveTable<'runs'>;
  /** Ended runs in the table, the first to have ended first. */
  readonly #ended = new Set<string>();
  /** Runs whose row is not shown as it is. */
  readonly #changed = new Set<string>();
  readonly #saver: ReportSaver;

  constructor(options: RunFoldsOptions) {
    this.#options = options;
    const { gateway, log, now } = options;
    this.#table = new LiveTable({ gateway, channel: 'runs', everyMs: 0, log });
    this.#saver = new ReportSaver({
      save: (runs) => this.#save(runs),
      onFailed: (error) => log.error({ err: error }, 'Runs could not be saved; it is tried again'),
      lazyMs: saveMs,
      now,
    });
  }

  /** Runs in memory: all that have not ended, and a few that have. */
  open(): Iterable<OpenRun> {
    return this.#open.values();
  }

  of(run: string): OpenRun | undefined {
    return this.#open.get(run);
  }

  /** Takes a run into memory. */
  add(record: RunRecord): OpenRun {
    const open = new OpenRun(record, this.#options.now());
    this.#open.set(record.id, open);
    return open;
  }

  /** Shows a run of which only the row is in memory. */
  showEnded(row: RunRow): void {
    this.#table.put(row.run, row);
    this.#ended.delete(row.run);
    this.#ended.add(row.run);
    const [oldest] = this.#ended;
    if (this.#ended.size > shownEnded && oldest !== undefined) this.hide(oldest);
  }

  hide(run: string): void {
    this.#ended.delete(run);
    this.#changed.delete(run);
    this.#table.remove(run);
  }

  /** Lets go of a run that is no longer kept. */
  drop(run: string): void {
    this.#open.delete(run);
    this.hide(run);
  }

  onEvents({ params, items, position, time }: Appended<RunEvent>): void {
    const run = params['run'] ?? '';
    const events = items.flatMap(({ data }) => data ?? []);
    const open = this.#open.get(run);
    const hadEnded = open?.hasEnded;
    const first = position.offset - items.length + 1;
    const isRead = this.#reading.has(run);
    if (open !== undefined && !isRead && open.fold({ epoch: position.epoch, first, events, time })) {
      this.#note(open, hadEnded === true);
    } else {
      void this.read(run);
    }
  }

  /** Folds what is in the store; where need be the run is taken into memory first. Resolves also where it could not. */
  read(run: string): Promise<void> {
    const under = this.#reading.get(run);
    if (under !== undefined) {
      under.again = true;
      return under.done;
    }
    const reading: Reading = { again: false, done: Promise.resolve() };
    this.#reading.set(run, reading);
    reading.done = this.#read(run, reading);
    return reading.done;
  }

  /** Something the hub itself knows of a run is other now. */
  changed(open: OpenRun): void {
    this.#note(open, open.hasEnded);
  }

  /** Shows what has changed, saves what is due, lets go of runs of which nothing more comes. Called a few times a second. */
  tick(): void {
    for (const run of this.#changed) this.#show(run);
    this.#saver.tick();
    const idle = this.#options.now() - lingerMs;
    for (const [run, open] of this.#open) {
      const isOver = open.hasEnded && open.isSaved && open.changedAt < idle && !this.#reading.has(run);
      if (isOver) this.#open.delete(run);
    }
  }

  /** Saves everything now. */
  flush(): Promise<void> {
    return this.#saver.flush();
  }

  /** Saves one run, and rejects where the disk takes nothing. */
  async saveNow(open: OpenRun): Promise<void> {
    const { record, saved } = open.save();
    await this.#options.storage.saveRuns([record]);
    saved();
  }

  /** Somebody has begun to read the table. */
  restore(): void {
    this.#table
      .restore()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'The table of runs could not be read'));
  }

  #note(open: OpenRun, hadEnded: boolean): void {
    const { run } = open.origin;
    const isOther = this.#table.get(run)?.state !== open.rowState;
    this.#saver.mark(run, isOther ? 'soon' : 'lazily');
    this.#changed.add(run);
    // How a run stands is seen at once; lines and progress are joined.
    if (isOther) this.#show(run);
    if (!open.hasEnded || hadEnded) return;
    this.#saver.tick();
    this.#options.onEnded(open);
  }

  #show(run: string): void {
    this.#changed.delete(run);
    const open = this.#open.get(run);
    if (open === undefined) return;
    if (open.hasEnded) this.showEnded(open.row);
    else this.#table.put(run, open.row);
  }

  async #read(run: string, reading: Reading): Promise<void> {
    try {
      const open = this.#open.get(run) ?? (await this.#load(run));
      if (open === undefined) return;
      const { hasEnded } = open;
      do {
        reading.again = false;
        await foldStored(open, this.#options.storage);
      } while (reading.again);
      if (this.#open.get(run) === open && !open.isSaved) this.#note(open, hasEnded);
    } catch (error) {
      this.#options.log.error({ err: error, run }, 'A run could not be read; it is tried again with its next event');
    } finally {
      // In the same turn as the last look at `again`: an event between the two would be nobody's.
      this.#reading.delete(run);
    }
  }

  async #load(run: string): Promise<OpenRun | undefined> {
    const record = await this.#options.storage.run(run);
    return record === undefined ? undefined : (this.#open.get(run) ?? this.add(record));
  }

  async #save(runs: readonly string[]): Promise<void> {
    const saves = runs.flatMap((run) => this.#open.get(run)?.save() ?? []);
    await this.#options.storage.saveRuns(saves.map(({ record }) => record));
    for (const { saved } of saves) saved();
  }
}
