// What the simulation found once, as a case of its own.

import { expect, it } from 'vitest';
import { World } from './world.ts';

it('[DLV4] [SES8] a session is ended whose line is gone and whose kernel took less than a window', async () => {
  const world = new World(1);
  const [viewer] = world.viewers;
  viewer?.listen('slow');
  await world.pass(500);
  const sessions = (): number => world.process?.gateway.figures().sessions ?? 0;
  expect(sessions()).toBe(world.viewers.length);
  // Twice answered at once, its window is larger than what the kernel of its line takes.
  for (let round = 0; round < 2; round++) {
    await world.publish('slow', [16_000, 16_000, 16_000]);
    await world.pass(1000);
  }
  viewer?.lose();
  // More than the kernel of this line takes and any Node buffers, so that a ping waits behind it.
  await world.publish('slow', Array<number>(10).fill(16_000));
  await world.pass(1000);
  for (const each of world.viewers) each.connection.close();
  // Long enough for a stall, and not for the time after which `ws` gives up a line whose peer has left.
  await world.pass(20_000);
  expect(sessions()).toBe(0);
});
