// Publishers, viewers, stalls, reconnects, changes of rights, retention and the death of the process, drawn from seeds: the
// shipped gateway and the shipped client, over sockets in memory and a clock that is moved by hand.

import { describe, expect, it } from 'vitest';
import { isLongRun, testSeed } from '../../packages/gateway/src/testing/random.ts';
import { simulate } from './simulate.ts';

const given = process.env['TELLTALE_TEST_SIMULATION_SEED'];
/** One seed that is given, or fresh ones from the run's own. */
const first = given === undefined ? testSeed : Number(given);
const count = given === undefined ? 200 : 1;
/** How long it goes on. */
const seconds = Number(process.env['TELLTALE_TEST_SIMULATION_SECONDS'] ?? (isLongRun ? 3600 : 0));

describe('the whole house on seeds', () => {
  it(`keeps every promise (seeds from ${first})`, { timeout: 120_000 + seconds * 1000 }, async () => {
    const until = performance.now() + seconds * 1000;
    let run = 0;
    for (; run < count || performance.now() < until; run++) await simulate(first + run);
    expect(run).toBeGreaterThanOrEqual(count);
    console.log(`every promise was kept on ${run} seeds from ${first}`);
  });
});
