// The world as it really is, outside a page: ids that fit the protocol's grammar, no network told of, no long timer lost.

import { expect, test } from 'vitest';
import { realEnvironment } from './environment.ts';

test('[ADM12] ids are of the form an attempt and a producer may have, and never the same', () => {
  const ids = Array.from({ length: 2_000 }, () => realEnvironment.randomId());
  expect(ids.filter((id) => !/^[A-Za-z0-9_-]{22,64}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test('outside a page it is online and never hidden', () => {
  expect([realEnvironment.isOnline(), realEnvironment.isHidden()]).toEqual([true, false]);
});

test('a timer longer than timers can be does not fire at once', async () => {
  let hasFired = false;
  const cancel = realEnvironment.after(2 ** 40, () => {
    hasFired = true;
  });
  await new Promise((resolve) => realEnvironment.after(5, () => resolve(undefined)));
  cancel();
  expect(hasFired).toBe(false);
});
