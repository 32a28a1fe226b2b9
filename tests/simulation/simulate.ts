// One run of one seed: deeds and time, a look at everybody after each, and the judgement at the end. Throws the first
// property that does not hold.

import { judge } from './judge.ts';
import { act, pause } from './script.ts';
import { watch } from './watch.ts';
import { World } from './world.ts';

/** Deeds of one run. */
const steps = 100;

/** Runs the whole house on one seed; throws a `PropertyFault` that says what did not hold, and how to see it again. */
export async function simulate(seed: number): Promise<void> {
  const world = new World(seed);
  // The slots of a planned stop are drawn by the gateway itself.
  const { random } = Math;
  Math.random = world.random;
  try {
    for (const viewer of world.viewers) for (const channel of ['counted', 'rows'] as const) viewer.listen(channel);
    await world.pass(200);
    for (let step = 0; step < steps; step++) {
      world.faults.begin(await act(world));
      await world.pass(pause(world));
      watch(world);
      world.faults.check();
    }
    await judge(world);
  } finally {
    Math.random = random;
  }
}
