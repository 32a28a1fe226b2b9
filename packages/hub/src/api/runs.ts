// What the hub says of runs, and how long it keeps them: types only.

import type { RunStateJson } from '@telltale/agent/run-state';
import type { Position } from '@telltale/protocol';

export type RunRowState = 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** A row of the table `runs`; the key is the run's id. Its output and steps are in `runs/<run>`. */
export interface RunRow {
  readonly run: string;
  readonly agent: string;
  readonly name: string;
  readonly command: string | null;
  /** Who started it. */
  readonly by: string | null;
  readonly state: RunRowState;
  /** By the clock of its machine. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** 0 to 1. */
  readonly progress: number | null;
  readonly note: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: string | null;
  readonly cancelledBy: string | null;
  readonly steps: { readonly ended: number; readonly failed: number; readonly running: number };
  readonly lines: number;
  /** Since when no session of this run is open, by the hub's clock; null: one is, or the run has ended. */
  readonly awaySince: number | null;
}

/** `GET /api/runs/<run>`: what all events up to `position` come to; events after it are folded on by `foldRun`. */
export interface RunSnapshot {
  readonly row: RunRow;
  readonly state: RunStateJson;
  readonly position: Position | null;
  /** How long the last five ended runs of this name on this agent took and how they ended, newest first. */
  readonly earlier: readonly { readonly run: string; readonly tookMs: number; readonly state: RunRowState }[];
}

/** `GET /api/runs`: a page of ended runs, the last to end first. */
export interface RunPage {
  readonly runs: readonly RunRow[];
  /** What the next page is `before`; null: these were the oldest. */
  readonly next: string | null;
  /** How many runs are kept, of the agent or of all; those under way are among them. */
  readonly kept: number;
}

/** How long ended runs and log lines are kept, and how many bytes of each; what is older, or over, goes first. */
export interface Retention {
  readonly runDays: number;
  readonly runBytes: number;
  readonly logDays: number;
  readonly logBytes: number;
}
