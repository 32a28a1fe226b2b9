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
  viewer?.lose();
  // More than the kernel of this line takes and Node buffers, so that a ping waits behind it.
  await world.publish('slow', [16_000, 16_000, 16_000, 16_000, 16_000, 16_000]);
  await world.pass(1000);
  for (const each of world.viewers) each.connection.close();
  await world.pass(40_000);
  expect(sessions()).toBe(0);
});
