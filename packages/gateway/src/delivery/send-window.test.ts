import { describe, expect, it } from 'vitest';
import { SendWindow, windowBounds } from './send-window.ts';

const { smallest, first, largest, quickMs, promptMs, slowMs, lateMs, pingMs } = windowBounds;

/** Writes, and pings where that is due; answers the id of the ping. */
function write(window: SendWindow, bytes: number, at: number): number | undefined {
  return window.wrote(bytes, at) ? window.ping(at) : undefined;
}

/** Writes until the window is full; answers the ids of the pings that ride along. */
function fill(window: SendWindow, at: number, chunk = 10_000): number[] {
  const pings: number[] = [];
  while (!window.isFull) {
    const ping = write(window, chunk, at);
    if (ping !== undefined) pings.push(ping);
  }
  return pings;
}

describe('the window of unanswered bytes', () => {
  it('[DLV2] sends a ping behind every quarter, and behind the first write after a pause', () => {
    const window = new SendWindow(0);
    expect(window.answered(write(window, 1, 0) as number, 0)).toBe(true);
    expect(write(window, 1, pingMs - 1)).toBeUndefined();
    expect(write(window, 1, pingMs)).toBeTypeOf('number');
    expect(write(window, first / 4, pingMs)).toBeTypeOf('number');
    expect(write(window, first / 4 - 1, pingMs)).toBeUndefined();
  });

  it('[DLV2] reopens when all its pings are answered, whatever it holds', () => {
    for (const chunk of [100, 5000, 31_000, 60_000, 300_000]) {
      const window = new SendWindow(0);
      for (let round = 0; round < 5; round++) {
        const at = round * 10_000;
        // Slow in one round, quick in the next: the window shrinks while it is full, and grows again.
        const answerAt = at + (round % 2 === 0 ? quickMs : slowMs + 1);
        for (const ping of fill(window, at, chunk)) expect(window.answered(ping, answerAt)).toBe(true);
        expect(window.isFull, `chunks of ${chunk}, round ${round}`).toBe(false);
      }
    }
  });

  it('[DLV2] doubles where a full one is answered quickly, and falls back where answers take long', () => {
    const window = new SendWindow(0);
    expect(window.size).toBe(first);
    for (const size of [first * 2, first * 4, largest, largest]) {
      const pings = fill(window, 0);
      window.answered(pings.at(-1) as number, quickMs);
      expect(window.size).toBe(size);
    }
    const ping = window.ping(5000);
    window.answered(ping, 5000 + slowMs + 1);
    expect(window.size).toBe(smallest);
    expect(window.roundTripMs).toBe(slowMs + 1);
  });

  it('[DLV2] doubles where a quarter is answered promptly, so that who is never behind is asked less often', () => {
    const window = new SendWindow(0);
    const idle = write(window, 100, 0) as number;
    window.answered(idle, 1);
    // A prompt answer to little says nothing of how much the peer can read.
    expect(window.size).toBe(first);
    const late = write(window, first / 4, 10) as number;
    window.answered(late, 10 + promptMs + 1);
    expect(window.size).toBe(first);
    const prompt = write(window, first / 4, 1000) as number;
    window.answered(prompt, 1000 + promptMs);
    expect(window.size).toBe(first * 2);
    expect(write(window, first / 4, 1100)).toBeUndefined();
    expect(write(window, first / 4, 1100)).toBeTypeOf('number');
  });

  it('[DLV2] falls back while an answer is overdue, so that who turns slow is not sent a large window first', () => {
    const window = new SendWindow(0);
    while (window.size < largest) window.answered(fill(window, 0).at(-1) as number, 10);
    // Its round trip was 10 ms.
    write(window, largest / 4, 1000);
    write(window, 1000, 1000 + lateMs + 20);
    expect([window.size, window.isFull]).toEqual([largest, false]);
    write(window, 1000, 1001 + lateMs + 20);
    expect([window.size, window.isFull]).toEqual([smallest, true]);
  });

  it('[DLV2] does not take a long way for lateness', () => {
    const window = new SendWindow(0);
    const roundTripMs = 600;
    for (let at = 0; window.size < largest; at += roundTripMs) {
      window.answered(fill(window, at).at(-1) as number, at + roundTripMs);
    }
    write(window, largest / 4, 100_000);
    write(window, 1000, 100_000 + 2 * roundTripMs);
    expect(window.size).toBe(largest);
  });

  it('[DLV2] opens again where it became smaller than what no ping rides behind', () => {
    const window = new SendWindow(0);
    while (window.size < largest) window.answered(fill(window, 0).at(-1) as number, 10);
    const ping = window.ping(1000);
    expect(write(window, smallest * 2, 1001)).toBeUndefined();
    window.answered(ping, 1000 + slowMs + 1);
    expect([window.size, window.isFull]).toEqual([smallest, false]);
    expect(write(window, 1, 1000 + slowMs + 2)).toBeTypeOf('number');
    expect(window.isFull).toBe(true);
  });

  it('[DLV4] counts a stall from when something was owed, and ends it with any answer', () => {
    const window = new SendWindow(0);
    expect(window.stalledSince).toBeUndefined();
    const [oldest] = fill(window, 60_000);
    expect(window.stalledSince).toBe(60_000);
    window.answered(oldest as number, 70_000);
    fill(window, 71_000);
    expect(window.stalledSince).toBe(70_000);
  });

  it('[DLV4] counts no stall from before the ping that has no answer', () => {
    const window = new SendWindow(0);
    const ping = write(window, 100, 0) as number;
    expect(ping).toBeTypeOf('number');
    window.answered(ping, 5);
    // Soon after a ping none is sent; nothing more for a long time.
    expect(write(window, 100, 500)).toBeUndefined();
    expect(write(window, 100, 25_000)).toBeTypeOf('number');
    expect(window.owesSince).toBe(25_000);
  });

  it('[DLV2] believes only answers to pings that cannot be guessed', () => {
    const window = new SendWindow(0);
    const pings = fill(window, 0);
    for (let id = 0; id < 1000; id++) if (!pings.includes(id)) expect(window.answered(id, 1)).toBe(false);
    expect(window.isFull).toBe(true);
    expect(new Set(pings).size).toBe(pings.length);
    const other = new SendWindow(0);
    expect(fill(other, 0)).not.toEqual(pings);
    // An answer speaks for the pings before it, and only once.
    expect(window.answered(pings.at(-1) as number, 1)).toBe(true);
    expect(window.answered(pings[0] as number, 1)).toBe(false);
  });
});
