// When the journal is emptied of what was taken back: after a moment, again while it could not be, and never after a stop.

import { describe, expect, it, vi } from 'vitest';
import { Eraser } from './eraser.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A journal whose folding ends when the test says so. */
function setUp() {
  const ends: ((isDone: boolean) => void)[] = [];
  const storage = {
    foldJournalBack: () => new Promise<boolean>((resolve) => ends.push(resolve)),
  };
  return { ends, eraser: new Eraser({ storage, log, afterMs: 1 }) };
}

describe('the eraser', () => {
  it('[CHT2] tries again where somebody reads the journal', async () => {
    const { ends, eraser } = setUp();
    eraser.due();
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]?.(false);
    await vi.waitFor(() => expect(ends).toHaveLength(2));
    ends[1]?.(true);
    await eraser.flush();
    expect(ends).toHaveLength(2);
  });

  it('waits at a stop for what is under way, erases what is due, and takes nothing after that', async () => {
    const { ends, eraser } = setUp();
    eraser.due();
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    let isFlushed = false;
    const flushed = eraser.flush().then(() => (isFlushed = true));
    await Promise.resolve();
    expect(isFlushed).toBe(false);
    ends[0]?.(false);
    await vi.waitFor(() => expect(ends).toHaveLength(2));
    ends[1]?.(true);
    await flushed;
    eraser.due();
    await eraser.flush();
    expect(ends).toHaveLength(2);
  });
});
