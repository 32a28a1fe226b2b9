import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { SpoolHistory, type Step } from '../testing/spool-history.ts';

const append = fc.record({
  type: fc.constant('append' as const),
  channel: fc.constantFrom('a', 'b', 'c'),
  count: fc.integer({ min: 1, max: 12 }),
  size: fc.constantFrom(0, 10, 200),
});
const send = fc.record({
  type: fc.constant('send' as const),
  read: fc.integer({ min: 0, max: 8 }),
  answers: fc.integer({ min: 0, max: 8 }),
  failing: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 2 }),
});
const kill = fc.constant<Step>({ type: 'kill' });
const killWithin = fc.record({ type: fc.constant('kill-within' as const), cost: fc.integer({ min: 1, max: 3000 }) });
const fill = fc.record({ type: fc.constant('fill' as const), room: fc.integer({ min: 0, max: 3000 }) });
const free = fc.constant<Step>({ type: 'free' });
const forget = fc.constant<Step>({ type: 'forget' });

const histories = (...steps: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 60, size: 'max' });

/** Runs histories and answers how many gaps there were. */
function check(steps: fc.Arbitrary<Step[]>, maxBytes: number): number {
  let gaps = 0;
  const directory = temporaryDirectory();
  let run = 0;
  fc.assert(
    fc.property(steps, (history) => {
      const home = `${directory}/${run++}`;
      const played = new SpoolHistory(home, maxBytes);
      played.play(history);
      played.finish();
      gaps += played.gaps;
      rmSync(home, { recursive: true });
    }),
    { numRuns: process.env['TELLTALE_TEST_LONG'] === '1' ? 1000 : 20 },
  );
  return gaps;
}

// Real files: in the long test this takes its time.
describe('a spool whose hub stores once what comes in order', { timeout: 180_000 }, () => {
  it('gives it everything, over kills at any byte, lost answers and failed publishes', () => {
    expect(check(histories(append, append, send, send, kill, killWithin, forget), 64 * 1024 * 1024)).toBe(0);
  });

  it('that is too small for what is appended reports exactly what it dropped, over kills at any byte', () => {
    expect(check(histories(append, append, append, send, kill, killWithin), 6000)).toBeGreaterThan(0);
  });

  it('on a disk that fills up keeps all in memory, or reports what was too much', () => {
    check(histories(append, append, send, fill, free), 6000);
    check(histories(append, append, send, fill, free), 64 * 1024 * 1024);
  });
});
