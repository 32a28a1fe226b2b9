import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { createOutputProgress, type OutputProgress } from './output-progress.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
afterEach(() => void vi.useRealTimers());

/** A run's progress, what it says of itself, and a command that tells its terminal something. */
function begin(): { progress: OutputProgress; said: object[]; tell: (words: string, stream?: 'out' | 'err') => void } {
  const said: object[] = [];
  const progress = createOutputProgress(({ type: _type, ...rest }) => said.push(rest), systemClock);
  return {
    progress,
    said,
    tell: (words, stream = 'out') => progress.read(stream, Buffer.from(`\u001b]9;4;${words}\u0007`)),
  };
}

/** Long enough for anything to be said. */
const wait = (): unknown => vi.advanceTimersByTime(250);

describe('the progress of a command', () => {
  it('is what it tells its terminal, on either stream', () => {
    const { said, tell } = begin();
    for (const [words, stream] of [
      ['1;42', 'out'],
      ['1;50', 'err'],
      ['4', 'err'],
      ['2', 'out'],
      ['2;60', 'out'],
      ['3', 'out'],
      ['4', 'out'],
      ['1', 'out'],
      ['0', 'out'],
    ] as const) {
      tell(words, stream);
      wait();
    }
    expect(said).toEqual([
      { done: 0.42 },
      { done: 0.5 },
      { done: 0.5, note: 'paused' },
      { done: 0.5, note: 'error' },
      { done: 0.6, note: 'error' },
      { done: null },
      { done: null, note: 'paused' },
      { done: 0 },
      { done: null },
    ]);
  });

  it('is said at once, then at most four times a second, the newest at last, and never twice', () => {
    const { said, tell } = begin();
    tell('1;1');
    expect(said).toEqual([{ done: 0.01 }]);
    for (let percent = 2; percent <= 50; percent++) tell(`1;${percent}`);
    vi.advanceTimersByTime(249);
    expect(said).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(said.slice(1)).toEqual([{ done: 0.5 }]);
    tell('1;50');
    vi.advanceTimersByTime(10_000);
    expect(said).toHaveLength(2);
    tell('1;51');
    expect(said).toHaveLength(3);
  });

  it('of a command that never took it is not taken back', () => {
    const { said, tell, progress } = begin();
    tell('0');
    tell('3');
    wait();
    progress.end();
    expect(said).toEqual([]);
  });

  it('that still waits at its end is said then, and no timer is left', () => {
    const { said, tell, progress } = begin();
    tell('1;99');
    tell('1;100');
    progress.end();
    expect(said).toEqual([{ done: 0.99 }, { done: 1 }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
