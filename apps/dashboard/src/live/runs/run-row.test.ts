import type { RunEvent } from '@telltale/agent/run-events';
import { foldRunEvents, newRun } from '@telltale/agent/run-state';
import type { RunRow } from '@telltale/hub/api';
import { expect, it } from 'vitest';
import { withEvents } from './run-row.ts';

const row = {
  run: 'r',
  state: 'running',
  endedAt: null,
  exitCode: null,
  cancelledBy: null,
  awaySince: 5,
} as unknown as RunRow;
const after = (...events: readonly RunEvent[]): RunRow => withEvents(row, foldRunEvents(newRun, events));
const cancelling: RunEvent = { type: 'cancelling', at: 1, by: 'ada' };
const ended: RunEvent = { type: 'ended', at: 9, outcome: 'failed', exitCode: 3 };

it('says that a run has ended or is ending as soon as the run itself does', () => {
  expect(after()).toBe(row);
  expect(after(cancelling)).toMatchObject({ state: 'cancelling', cancelledBy: 'ada' });
  expect(after(cancelling, ended)).toMatchObject({ state: 'failed', endedAt: 9, exitCode: 3, awaySince: null });
});

it('keeps what the hub has said of a run that has ended', () => {
  const told = { ...row, state: 'lost', endedAt: 8 } as RunRow;
  expect(withEvents(told, foldRunEvents(newRun, [ended]))).toBe(told);
});
