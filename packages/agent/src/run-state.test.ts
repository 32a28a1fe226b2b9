// What the events of a run come to: any order, any repetition, any key a machine may send.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from './run-events.ts';
import { foldRun, foldRunEvents, newRun, runBounds, runFromJson, type RunState, runToJson } from './run-state.ts';

const fold = (...events: readonly RunEvent[]): RunState => events.reduce(foldRun, newRun);
const started = (at = 1): RunEvent => ({ type: 'started', at, name: 'nightly', command: './backup.sh', by: 'root' });
const step = (id: string, at: number, parent?: string): RunEvent => ({
  type: 'step',
  at,
  id,
  name: `step ${id}`,
  ...(parent === undefined ? {} : { parent }),
});
const ended = (at: number, outcome: 'succeeded' | 'failed' | 'cancelled' | 'lost'): RunEvent => ({
  type: 'ended',
  at,
  outcome,
});

describe('a run', () => {
  it('is what its events say, in their order', () => {
    const state = fold(
      started(),
      step('a', 2),
      step('b', 3, 'a'),
      { type: 'line', at: 4, text: 'half', part: 0, more: true },
      { type: 'line', at: 5, text: ' a line', part: 1 },
      { type: 'line', at: 5, text: 'oops', stream: 'err' },
      { type: 'text', at: 6, id: 't', text: 'token' },
      { type: 'progress', at: 7, done: 0.5, note: 'half' },
      { type: 'attributes', at: 8, set: { model: 'small', tokens: 12 } },
      { type: 'attributes', at: 8, set: { path: '/tmp' }, step: 'b' },
      { type: 'gap', at: 9, count: 3, from: 4, to: 5, reason: 'spool-full' },
      { type: 'step-ended', at: 10, id: 'b', outcome: 'failed', error: 'no space' },
      { type: 'cancelling', at: 11, by: 'alice' },
      ended(12, 'cancelled'),
    );
    expect(state).toMatchObject({
      started: { at: 1, name: 'nightly' },
      cancelling: { by: 'alice' },
      ended: { at: 12, outcome: 'cancelled' },
      progress: { done: 0.5, note: 'half' },
      lines: 2,
      dropped: 3,
    });
    expect([...state.attributes]).toEqual([
      ['model', 'small'],
      ['tokens', 12],
    ]);
    expect([...state.steps.values()]).toEqual([
      { id: 'a', name: 'step a', startedAt: 2, endedAt: 12, outcome: 'cancelled', attributes: new Map() },
      {
        id: 'b',
        parent: 'a',
        name: 'step b',
        startedAt: 3,
        endedAt: 10,
        outcome: 'failed',
        error: 'no space',
        attributes: new Map([['path', '/tmp']]),
      },
    ]);
  });

  it('begins and is cancelled once, whatever is repeated', () => {
    const once = fold(started(1), { type: 'cancelling', at: 2, by: 'alice' });
    expect(foldRun(once, started(9))).toBe(once);
    expect(foldRun(once, { type: 'cancelling', at: 9, by: 'bob' })).toBe(once);
  });

  it('ends once: what a step or a run says after its end changes nothing', () => {
    const done = fold(step('a', 1), { type: 'step-ended', at: 2, id: 'a', outcome: 'failed' }, ended(3, 'succeeded'));
    expect(foldRun(done, { type: 'step-ended', at: 4, id: 'a', outcome: 'succeeded' })).toBe(done);
    expect(foldRun(done, step('a', 5))).toBe(done);
    expect(foldRun(done, ended(6, 'failed'))).toBe(done);
    expect(foldRun(done, ended(6, 'lost'))).toBe(done);
  });

  it('that was called lost is corrected by its own end, its open steps too', () => {
    const lost = fold(
      step('a', 1),
      { type: 'step-ended', at: 2, id: 'a', outcome: 'failed' },
      step('b', 3),
      ended(4, 'lost'),
    );
    expect(lost.ended?.outcome).toBe('lost');
    expect(lost.steps.get('b')).toMatchObject({ outcome: 'lost', endedAt: 4 });
    const corrected = foldRun(lost, ended(5, 'succeeded'));
    expect(corrected.ended).toEqual(ended(5, 'succeeded'));
    expect(corrected.steps.get('a')).toMatchObject({ outcome: 'failed', endedAt: 2 });
    expect(corrected.steps.get('b')).toMatchObject({ outcome: 'succeeded', endedAt: 5 });
  });

  it('leaves out what belongs to no step it knows', () => {
    const state = fold(started());
    expect(foldRun(state, { type: 'step-ended', at: 2, id: 'x', outcome: 'failed' })).toBe(state);
    expect(foldRun(state, { type: 'attributes', at: 2, set: { a: 1 }, step: 'x' })).toBe(state);
  });

  it('takes keys as data, whatever they are called', () => {
    const hostile = JSON.parse('{"__proto__":1,"constructor":2,"hasOwnProperty":3}') as Record<string, number>;
    const state = fold(step('__proto__', 1), step('toString', 2, '__proto__'), {
      type: 'attributes',
      at: 3,
      set: hostile,
      step: '__proto__',
    });
    expect([...state.steps.keys()]).toEqual(['__proto__', 'toString']);
    expect([...(state.steps.get('__proto__')?.attributes ?? [])]).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['hasOwnProperty', 3],
    ]);
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object);
    expect(runFromJson(JSON.parse(JSON.stringify(runToJson(state))) as never)).toEqual(state);
  });

  it('remembers no more steps and attributes than its bounds, and changes those it has', () => {
    let state: RunState = newRun;
    for (let index = 0; index <= runBounds.steps; index++) state = foldRun(state, step(`s${index}`, index));
    expect(state.steps.size).toBe(runBounds.steps);
    expect(state.steps.has(`s${runBounds.steps}`)).toBe(false);
    state = foldRun(state, { type: 'step-ended', at: 9, id: 's0', outcome: 'succeeded' });
    expect(state.steps.get('s0')?.outcome).toBe('succeeded');

    const most = Array.from({ length: runBounds.attributes + 5 }, (_, index) => [`k${index}`, index]);
    state = foldRun(state, { type: 'attributes', at: 10, set: Object.fromEntries(most) as Record<string, number> });
    expect(state.attributes.size).toBe(runBounds.attributes);
    state = foldRun(state, { type: 'attributes', at: 11, set: { k0: 'new', other: 1 } });
    expect(state.attributes.get('k0')).toBe('new');
    expect(state.attributes.has('other')).toBe(false);
  });

  it('remembers no more characters than its bound, whatever is sent, and gives back what shrinks', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `s${index}`);
    const filled = foldRunEvents(newRun, [
      ...ids.map((id, index) => step(id, index)),
      ...ids.flatMap((id) =>
        Array.from({ length: 100 }, (_, key): RunEvent => {
          return { type: 'attributes', at: key, set: { [`k${key}`]: 'x'.repeat(2000) }, step: id };
        }),
      ),
    ]);
    expect(filled.size).toBeGreaterThan(runBounds.size - 2100);
    expect(JSON.stringify(runToJson(filled)).length).toBeLessThan(runBounds.size * 1.1);
    const emptied = foldRun(filled, { type: 'attributes', at: 9, set: { k0: null, k1: null }, step: 's0' });
    expect(emptied.size).toBe(filled.size - 2 * 2000);
  });

  it('of two thousand steps takes what a hostile machine can send in a second in less than one', () => {
    const steps = Array.from({ length: runBounds.steps }, (_, index) => step(`s${index}`, index));
    const full = foldRunEvents(newRun, steps);
    const events = Array.from({ length: 50_000 }, (_, index): RunEvent =>
      index % 2 === 0
        ? { type: 'attributes', at: index, set: { a: index }, step: `s${index % runBounds.steps}` }
        : { type: 'ended', at: index, outcome: 'lost' },
    );
    const began = performance.now();
    foldRunEvents(full, events);
    // With a copy of all steps for each event it is eight seconds.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('is the same folded at once or from any state that was stored', () => {
    const id = fc.constantFrom('a', 'b', '__proto__');
    const at = fc.nat({ max: 100 });
    const event: fc.Arbitrary<RunEvent> = fc.oneof(
      fc.record({ type: fc.constant('started' as const), at, name: fc.string() }),
      fc.record({ type: fc.constant('line' as const), at, text: fc.string() }),
      fc.record({ type: fc.constant('step' as const), at, id, name: fc.string() }),
      fc.record({
        type: fc.constant('step-ended' as const),
        at,
        id,
        outcome: fc.constantFrom('succeeded' as const, 'failed' as const),
      }),
      fc.record({ type: fc.constant('attributes' as const), at, set: fc.dictionary(fc.string(), fc.nat()), step: id }),
      fc.record({ type: fc.constant('cancelling' as const), at, by: fc.string() }),
      fc.record({
        type: fc.constant('ended' as const),
        at,
        outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'cancelled' as const, 'lost' as const),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat({ max: 30 }), (events, cut) => {
        const stored = JSON.stringify(runToJson(fold(...events.slice(0, cut))));
        const resumed = events.slice(cut).reduce(foldRun, runFromJson(JSON.parse(stored) as never));
        expect(resumed).toEqual(fold(...events));
        expect(foldRunEvents(newRun, events)).toEqual(fold(...events));
      }),
    );
  });
});
