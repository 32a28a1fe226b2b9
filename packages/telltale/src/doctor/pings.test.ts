import { describe, expect, it } from 'vitest';
import { flowOf, type PingSample } from './pings.ts';

/** Sixteen pings, one each 100 ms, and when their pongs came. */
const pings = (pongAt: (sentAt: number, index: number) => number | undefined): readonly PingSample[] =>
  Array.from({ length: 16 }, (_, index) => ({ sentAt: index * 100, pongAt: pongAt(index * 100, index) }));

describe('frames are held back', () => {
  it('when they come in bundles, one after the other', () => {
    const flow = flowOf(pings((sentAt) => Math.ceil((sentAt + 1) / 500) * 500));
    expect(flow).toEqual({ kind: 'held', longestMs: 500, most: 5 });
  });

  it('when all of them come at the end', () => {
    expect(flowOf(pings((_, index) => 2000 + index))).toMatchObject({ kind: 'held', most: 16 });
  });

  it('not when each comes by itself, fast or slow', () => {
    expect(flowOf(pings((sentAt) => sentAt + 1))).toEqual({ kind: 'even' });
    expect(flowOf(pings((sentAt) => sentAt + 900))).toEqual({ kind: 'even' });
    expect(flowOf(pings((sentAt, index) => sentAt + (index % 3) * 30))).toEqual({ kind: 'even' });
  });

  it('not when this machine was busy for a moment', () => {
    expect(flowOf(pings((sentAt) => (sentAt < 400 || sentAt > 800 ? sentAt + 1 : 801)))).toEqual({ kind: 'even' });
  });

  it('not where nothing was answered', () => {
    expect(flowOf(pings(() => undefined))).toEqual({ kind: 'even' });
    expect(flowOf([])).toEqual({ kind: 'even' });
  });

  it('which nobody can tell on a machine that sends late itself', () => {
    const late = Array.from({ length: 16 }, (_, index) => {
      const stalledUntil = Math.ceil((index + 1) / 3) * 600;
      return { sentAt: stalledUntil - 600 + (index % 3) * 200, pongAt: stalledUntil };
    });
    expect(flowOf(late)).toEqual({ kind: 'busy' });
  });
});
