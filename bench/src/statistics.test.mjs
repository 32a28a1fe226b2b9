import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures, standing, summarize } from './statistics.mjs';

test('a summary is the median with its range, whatever the order', () => {
  assert.deepEqual(summarize([3, 1, 2]), { median: 2, min: 1, max: 3, rounds: 3 });
  assert.deepEqual(summarize([4, 1]), { median: 2.5, min: 1, max: 4, rounds: 2 });
});

test('nothing measured has no summary', () => {
  assert.throws(() => summarize([]), /no measurements/);
});

test('figures are those of the server alone', () => {
  const run = {
    serverUserSeconds: 0.5,
    serverSystemSeconds: 1.5,
    ownSeconds: 9,
    seconds: 4,
    deliveries: 1e6,
    bytes: 3e8,
    handshakes: 500,
  };
  assert.equal(figures.cpuPerMillion.of(run), 2);
  assert.equal(figures.deliveryBytes.of(run), 300);
  assert.equal(figures.corePercent.of(run), 50);
  assert.equal(figures.generatorPercent.of(run), 225);
  assert.equal(figures.handshakeMs.of(run), 4);
  assert.equal(figures.sessionKib.of({ residentBytes: 20 * 1024, viewers: 5 }), 4);
});

test('a ratio says how many times less one needs than the other', () => {
  const medians = { telltale: 0.5, ws: 10 };
  const summaryOf = (target) => (medians[target] === undefined ? undefined : summarize([medians[target]]));
  const goal = { of: 'telltale', figure: 'cpuPerMillion', against: 'ws', atLeast: 15 };
  assert.deepEqual(standing(goal, summaryOf), { value: 20, isMet: true });
  assert.deepEqual(standing({ ...goal, atLeast: 21 }, summaryOf), { value: 20, isMet: false });
  assert.equal(standing({ ...goal, against: 'bun' }, summaryOf), undefined);
});

test('a bound of its own needs nobody to compare with', () => {
  const goal = { of: 'telltale', figure: 'sessionKib', atMost: 8 };
  assert.deepEqual(
    standing(goal, () => summarize([9])),
    { value: 9, isMet: false },
  );
});
