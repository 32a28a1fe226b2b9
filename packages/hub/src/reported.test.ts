// The agent's own bounds and the hub's schemas meet here: what a machine of any size reports is taken.

import { boundedDisks } from '../../agent/src/collect/storage.ts';
import { expect, it } from 'vitest';
import { type GapReason, gapReasons } from '../../agent/src/run-events.ts';
import { logMessage, metricsMessage, runEvent } from './reported.ts';
import { sampleOf } from './testing/test-agent.ts';

const disks = Array.from({ length: 300 }, (_, index) => ({ mount: `/${'d'.repeat(250 + index)}`, used: 1, total: 2 }));
const judged = async (change: object): Promise<boolean> =>
  (await metricsMessage['~standard'].validate(sampleOf(change))).issues === undefined;

it('takes the sample of a machine with more file systems, and longer paths, than a sample holds', async () => {
  expect(await judged(boundedDisks(disks))).toBe(true);
  expect(await judged({ disks })).toBe(false);
  expect(await judged({ disks: disks.slice(-1) })).toBe(false);
});

it('takes each gap that an agent can have, counted or not, in whatever it reports', async () => {
  const gap = { type: 'gap', at: 3, count: 0, from: 1, to: 2 } as const;
  const taken = async (reason: string, more: object = {}): Promise<unknown[]> => {
    const data = { ...gap, ...more, reason: reason as GapReason };
    const schemas = [logMessage, runEvent, metricsMessage];
    const answers = await Promise.all(schemas.map(async (schema) => schema['~standard'].validate(data)));
    return answers.map(({ issues }) => issues === undefined);
  };
  for (const reason of gapReasons) expect(await taken(reason, { orMore: true })).toEqual([true, true, true]);
  expect(await taken('spool-full')).toEqual([true, true, true]);
  expect(await taken('lost')).toEqual([false, false, false]);
  expect(await taken('refused', { orMore: false })).toEqual([false, false, false]);
});
