// The agent's own bounds and the hub's schemas meet here: what a machine of any size reports is taken.

import { boundedDisks } from '../../agent/src/collect/storage.ts';
import { expect, it } from 'vitest';
import { metricsMessage } from './reported.ts';
import { sampleOf } from './testing/test-agent.ts';

const disks = Array.from({ length: 300 }, (_, index) => ({ mount: `/${'d'.repeat(250 + index)}`, used: 1, total: 2 }));
const judged = async (change: object): Promise<boolean> =>
  (await metricsMessage['~standard'].validate(sampleOf(change))).issues === undefined;

it('takes the sample of a machine with more file systems, and longer paths, than a sample holds', async () => {
  expect(await judged(boundedDisks(disks))).toBe(true);
  expect(await judged({ disks })).toBe(false);
  expect(await judged({ disks: disks.slice(-1) })).toBe(false);
});
