import type { RunEvent } from '@telltale/agent/run-events';
import { foldRunEvents, newRun, runToJson } from '@telltale/agent/run-state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunFold, type RunMessage } from './run-fold.ts';

const events: readonly RunEvent[] = [
  { type: 'started', at: 1, name: 'nightly-backup' },
  { type: 'step', at: 2, id: 'a', name: 'Prepare' },
  { type: 'line', at: 3, text: 'one' },
  { type: 'attributes', at: 4, set: { git: 'a41be07' } },
  { type: 'step-ended', at: 5, id: 'a', outcome: 'succeeded' },
  { type: 'line', at: 6, text: 'two', part: 0, more: true },
  { type: 'line', at: 7, text: 'three', part: 1 },
  { type: 'progress', at: 8, done: 0.62 },
  { type: 'cancelling', at: 9, by: 'ada' },
  { type: 'ended', at: 10, outcome: 'cancelled', signal: 'SIGTERM' },
];
const messages: readonly RunMessage[] = events.map((data, index) => ({ offset: index + 1, data }));
const snapshot = (offset: number, epoch = 'k1') => ({
  state: runToJson(foldRunEvents(newRun, events.slice(0, offset))),
  position: { epoch, offset },
});
const moments = Array.from({ length: 11 }, (_, index) => foldRunEvents(newRun, events.slice(0, index)));
const whole = foldRunEvents(newRun, events);

describe('a run', () => {
  it('is its snapshot and what came after it, whichever comes first', () => {
    const early = createRunFold();
    early.take('k1', messages.slice(2, 9));
    expect([early.state, early.isBehind]).toEqual([undefined, false]);
    early.takeSnapshot(snapshot(4));
    early.take('k1', messages.slice(9));
    expect(early.state).toEqual(whole);
    const late = createRunFold();
    late.takeSnapshot(snapshot(9));
    late.take('k1', messages.slice(5));
    expect(late.state).toEqual(whole);
  });

  it('without any event so far begins with the first one', () => {
    const fold = createRunFold();
    fold.takeSnapshot({ state: runToJson(newRun), position: null });
    expect(fold.state).toEqual(newRun);
    fold.take('k1', messages);
    expect(fold.state).toEqual(whole);
  });

  it('that has missed events keeps what it knows until a newer snapshot', () => {
    const fold = createRunFold();
    fold.takeSnapshot(snapshot(3));
    fold.take('k1', messages.slice(6, 8));
    expect([fold.isBehind, fold.state?.lines]).toEqual([true, 1]);
    fold.takeSnapshot(snapshot(4));
    expect(fold.isBehind).toBe(true);
    fold.take('k1', messages.slice(8));
    fold.takeSnapshot(snapshot(7));
    expect([fold.isBehind, fold.state]).toEqual([false, whole]);
  });

  it('whose log began anew waits for a snapshot of the new life', () => {
    const fold = createRunFold();
    fold.takeSnapshot(snapshot(10));
    fold.take('k2', messages.slice(0, 2));
    expect(fold.isBehind).toBe(true);
    fold.takeSnapshot(snapshot(1, 'k2'));
    expect([fold.isBehind, fold.state?.steps.size, fold.state?.ended]).toEqual([false, 1, undefined]);
  });

  it('passes over what a newer agent says', () => {
    const fold = createRunFold();
    fold.takeSnapshot(snapshot(9));
    fold.take('k1', [
      { offset: 10, data: { type: 'telepathy', at: 1 } },
      { offset: 11, data: null },
    ]);
    fold.take('k1', [{ offset: 12, data: events[9] }]);
    expect(fold.state).toEqual(whole);
  });

  it('comes to the same however snapshots and events are mixed', () => {
    const step = fc.oneof(
      fc.record({ snapshot: fc.nat(10) }),
      fc.record({ from: fc.nat(9), length: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const fold = createRunFold();
        for (const one of steps) {
          if ('snapshot' in one) fold.takeSnapshot(snapshot(one.snapshot));
          else fold.take('k1', messages.slice(one.from, one.from + one.length));
          // Whatever is shown was so at some moment.
          if (fold.state !== undefined) expect(moments).toContainEqual(fold.state);
        }
        fold.takeSnapshot(snapshot(10));
        expect([fold.isBehind, fold.state]).toEqual([false, whole]);
      }),
    );
  });
});
