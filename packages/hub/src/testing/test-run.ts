// A run for tests of a whole hub: opened by a session of its agent, saying events in frames as a machine would.

import type { RunEvent } from '@telltale/agent/run-events';
import type { RunRow, RunSnapshot } from '../api.ts';
import type { Line } from './line.ts';
import type { TestAgent } from './test-agent.ts';
import type { Answer, TestHub } from './test-hub.ts';
import { viewerToken } from './test-agent.ts';

/** An id as an agent makes it. */
export function runId(number: number): string {
  return `run${String(number).padStart(23, '0')}`;
}

export interface TestRun {
  readonly run: string;
  /** The session it was opened on. */
  readonly line: Line;
  /** What `run.open` was answered. */
  readonly opened: Record<string, unknown>;
  /** Publishes events in one batch; answers with the frame that answers it. */
  say(...events: readonly RunEvent[]): Promise<Record<string, unknown>>;
}

/** Opens a run on a session of its own, or on one that there is. */
export async function openRun(
  agent: TestAgent,
  run: string = runId(1),
  { name = 'nightly', line = agent.line('') }: { readonly name?: string; readonly line?: Line } = {},
): Promise<TestRun> {
  const opened = await line.request({ type: 'call', method: 'run.open', params: { run, name } });
  return {
    run,
    line,
    opened,
    say: (...events) =>
      line.request({ type: 'publish', channel: `runs/${run}`, batch: events.map((data) => ({ data })) }),
  };
}

export const started = (at = 1000): RunEvent => ({ type: 'started', at, name: 'nightly', command: './backup.sh' });
export const lineOf = (text: string): RunEvent => ({ type: 'line', at: 2000, text });
export const ended = (outcome: 'succeeded' | 'failed' | 'cancelled' | 'lost', at = 9000): RunEvent => ({
  type: 'ended',
  at,
  outcome,
});

/** `GET /api/runs/<run>` by a viewer. */
export async function askRun(hub: TestHub, run: string, token: string = viewerToken()): Promise<Answer> {
  return await hub.ask(`/api/runs/${run}`, { headers: { authorization: `Bearer ${token}` } });
}

export async function snapshotOf(hub: TestHub, run: string): Promise<RunSnapshot> {
  const answer = await askRun(hub, run);
  if (answer.status !== 200) throw new Error(`the run answered ${answer.status} ${answer.text}`);
  return answer.json as RunSnapshot;
}

/** Where a run's row is. */
export function rowOf(run: string): readonly [channel: string, key: string] {
  return ['runs', run];
}

export const stands =
  (state: RunRow['state']) =>
  (row: RunRow): boolean =>
    row.state === state;
