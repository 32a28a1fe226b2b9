// A run whose events are being folded: what they come to, up to where, and which sessions say more. Made of its record in
// storage, written back to it; whatever was not written is folded again. The registry owns these; knows no gateway.

import type { RunEvent } from '@telltale/agent/run-events';
import {
  foldRunEvents,
  newRun,
  runFromJson,
  type RunState,
  type RunStateJson,
  runToJson,
} from '@telltale/agent/run-state';
import type { Position } from '@telltale/protocol';
import type { RunRow, RunRowState } from '../api.ts';
import type { RunSave } from '../storage/run-operations.ts';
import type { RunRecord } from '../storage/schema.ts';
import { type Cancel, type RunOrigin, runRow, stateOf } from './run-row.ts';

/** Events that follow each other in the log. */
export interface EventRun {
  readonly epoch: string;
  /** Offset of the first. */
  readonly first: number;
  readonly events: readonly RunEvent[];
  /** When they came, by the hub's clock. */
  readonly time: number;
}

export class OpenRun {
  readonly origin: RunOrigin;
  /** Sessions that have opened it. */
  readonly sessions: Set<string> = new Set();
  #state: RunState;
  #folded: Position | undefined;
  #closedAt: number | null;
  #cancel: Cancel | undefined;
  #awaySince: number | null;
  /** Rises with each change, so that what was saved can be told from what is. */
  #version = 0;
  #savedVersion = 0;
  #savedOffset: number;
  /** When anything last happened, by the hub's clock. */
  #changedAt: number;

  constructor(record: RunRecord, now: number) {
    const { id: run, agent, name, opened_at: openedAt, closed_at: closedAt } = record;
    this.origin = { run, agent, name, openedAt };
    this.#state = runFromJson(JSON.parse(record.state) as RunStateJson);
    const { folded_epoch: epoch, folded_offset: offset } = record;
    this.#folded = epoch === null ? undefined : { epoch, offset };
    this.#savedOffset = offset;
    this.#closedAt = closedAt;
    const { cancel_by: by, cancel_at: at } = record;
    this.#cancel = by === null || at === null ? undefined : { by, at };
    // Nobody is here yet. Whoever was when the last hub ended has been away since then, or since before.
    this.#awaySince = (JSON.parse(record.row) as RunRow).awaySince ?? now;
    this.#changedAt = now;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Up to where events are folded. */
  get folded(): Position | undefined {
    return this.#folded;
  }

  get hasEnded(): boolean {
    return this.#state.ended !== undefined;
  }

  get cancel(): Cancel | undefined {
    return this.#cancel;
  }

  get awaySince(): number | null {
    return this.#awaySince;
  }

  get rowState(): RunRowState {
    return stateOf(this.#state, this.#cancel);
  }

  get row(): RunRow {
    return runRow(this.origin, this.#state, { cancel: this.#cancel, awaySince: this.#awaySince });
  }

  /** What is folded up to here survives a crash. */
  get savedOffset(): number {
    return this.#savedOffset;
  }

  get isSaved(): boolean {
    return this.#savedVersion === this.#version;
  }

  get changedAt(): number {
    return this.#changedAt;
  }

  /** Folds what comes next; what is folded already is passed over. False: something between is missing, nothing is folded. */
  fold({ epoch, first, events, time }: EventRun): boolean {
    const folded = this.#folded ?? { epoch, offset: 0 };
    if (folded.epoch !== epoch || first > folded.offset + 1) return false;
    const fresh = events.slice(folded.offset + 1 - first);
    if (fresh.length === 0) return true;
    this.#state = foldRunEvents(this.#state, fresh);
    this.#folded = { epoch, offset: first + events.length - 1 };
    // A run that was called lost, and says itself how it ended, has ended then.
    if (this.#state.ended !== undefined) this.#closedAt ??= time;
    this.#note(time);
    return true;
  }

  /** What is before this offset is gone: the fold goes on behind it, or, where the log is another one, begins anew. */
  skipTo(epoch: string, offset: number): void {
    if (this.#folded !== undefined && this.#folded.epoch !== epoch) this.#state = newRun;
    this.#folded = { epoch, offset };
    this.#version++;
  }

  /** The first who asks is remembered. */
  askForEnd(cancel: Cancel): void {
    this.#cancel ??= cancel;
    this.#note(cancel.at);
  }

  attach(session: string, now: number): void {
    this.sessions.add(session);
    this.#awaySince = null;
    this.#note(now);
  }

  /** Answers whether this was the last one. */
  detach(session: string, now: number): boolean {
    if (!this.sessions.delete(session) || this.sessions.size > 0) return false;
    this.#awaySince = now;
    this.#note(now);
    return true;
  }

  /** What is to be saved, and what to call when it is. */
  save(): { readonly record: RunSave; readonly saved: () => void } {
    const [version, offset] = [this.#version, this.#folded?.offset ?? 0];
    return {
      record: {
        id: this.origin.run,
        closed_at: this.#closedAt,
        cancel_by: this.#cancel?.by ?? null,
        cancel_at: this.#cancel?.at ?? null,
        folded_epoch: this.#folded?.epoch ?? null,
        folded_offset: offset,
        row: JSON.stringify(this.row),
        state: JSON.stringify(runToJson(this.#state)),
      },
      saved: () => {
        this.#savedVersion = version;
        this.#savedOffset = offset;
      },
    };
  }

  #note(time: number): void {
    this.#version++;
    this.#changedAt = time;
  }
}

/** The record of a run that is opened for the first time. */
export function newRecord(origin: RunOrigin): RunRecord {
  const { run, agent, name, openedAt } = origin;
  return {
    id: run,
    agent,
    name,
    opened_at: openedAt,
    closed_at: null,
    cancel_by: null,
    cancel_at: null,
    folded_epoch: null,
    folded_offset: 0,
    row: JSON.stringify(runRow(origin, newRun, { cancel: undefined, awaySince: null })),
    state: JSON.stringify(runToJson(newRun)),
  };
}
