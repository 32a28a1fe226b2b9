// The row of a run in the table `runs`: what its events come to, in brief. Pure. Texts come from machines: each becomes one
// line of a bounded length here; the run's own stream and state have them whole.

import type { RunState } from '@telltale/agent/run-state';
import type { RunRow, RunRowState } from '../api.ts';
import { plainText } from '../plain-text.ts';

/** Somebody has asked for a run's end. */
export interface Cancel {
  readonly by: string;
  readonly at: number;
}

/** What the hub itself knows of a run. */
export interface RunOrigin {
  readonly run: string;
  readonly agent: string;
  readonly name: string;
  /** When it was first opened here. */
  readonly openedAt: number;
}

/** Characters of a row's texts. */
const mostText = 500;
const mostName = 256;

export function runRow(
  { run, agent, name, openedAt }: RunOrigin,
  state: RunState,
  { cancel, awaySince }: { readonly cancel: Cancel | undefined; readonly awaySince: number | null },
): RunRow {
  const { started, ended, cancelling, progress, lines } = state;
  return {
    run,
    agent,
    name,
    command: lineOf(started?.command, mostText),
    by: lineOf(started?.by, mostName),
    state: stateOf(state, cancel),
    startedAt: started?.at ?? openedAt,
    endedAt: ended?.at ?? null,
    progress: progress?.done ?? null,
    note: lineOf(progress?.note, mostName),
    exitCode: ended?.exitCode ?? null,
    signal: lineOf(ended?.signal, mostName),
    error: lineOf(ended?.error, mostText),
    // The hub's own word first: a machine could name anybody.
    cancelledBy: cancel?.by ?? lineOf(cancelling?.by, mostName),
    steps: countOf(state),
    lines,
    awaySince: ended === undefined ? awaySince : null,
  };
}

/** How a run stands. */
export function stateOf({ ended, cancelling }: RunState, cancel: Cancel | undefined): RunRowState {
  if (ended !== undefined) return ended.outcome;
  return cancel === undefined && cancelling === undefined ? 'running' : 'cancelling';
}

function countOf({ steps }: RunState): RunRow['steps'] {
  let [ended, failed, running] = [0, 0, 0];
  for (const { outcome } of steps.values()) {
    if (outcome === undefined) running++;
    else ended++;
    if (outcome === 'failed') failed++;
  }
  return { ended, failed, running };
}

/** A text as one line; the breaks of a script or of a stack become spaces. */
export function lineOf(text: string | undefined, mostCharacters: number): string | null {
  return text === undefined ? null : plainText(text.slice(0, mostCharacters * 4).replace(/\s+/g, ' '), mostCharacters);
}
