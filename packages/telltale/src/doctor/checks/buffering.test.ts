import { describe, expect, it } from 'vitest';
import type { PingSample } from '../check.ts';
import { heldBack } from './buffering.ts';

/** Sixteen pings, one each 100 ms, and when their pongs came. */
const pings = (pongAt: (sentAt: number, index: number) => number | undefined): readonly PingSample[] =>
  Array.from({ length: 16 }, (_, index) => ({ sentAt: index * 100, pongAt: pongAt(index * 100, index) }));

describe('frames are held back', () => {
  it('when they come in bundles, one after the other', () => {
    expect(heldBack(pings((sentAt) => Math.ceil((sentAt + 1) / 500) * 500))).toEqual({ longestMs: 500, most: 5 });
  });

  it('when all of them come at the end', () => {
    expect(heldBack(pings((_, index) => 2000 + index))).toMatchObject({ most: 16 });
  });

  it('not when each comes by itself, fast or slow', () => {
    expect(heldBack(pings((sentAt) => sentAt + 1))).toBeUndefined();
    expect(heldBack(pings((sentAt) => sentAt + 900))).toBeUndefined();
    expect(heldBack(pings((sentAt, index) => sentAt + (index % 3) * 30))).toBeUndefined();
  });

  it('not when this machine was busy for a moment', () => {
    expect(heldBack(pings((sentAt) => (sentAt < 400 || sentAt > 800 ? sentAt + 1 : 801)))).toBeUndefined();
  });

  it('not when pings left together because this machine was busy all the time', () => {
    const late = pings(() => 0).map((_, index) => {
      const at = Math.floor(index / 4) * 400;
      return { sentAt: at + (index % 4), pongAt: at + 5 + (index % 4) };
    });
    expect(heldBack(late)).toBeUndefined();
  });

  it('not where nothing was answered', () => {
    expect(heldBack(pings(() => undefined))).toBeUndefined();
  });
});
