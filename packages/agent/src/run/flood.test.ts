import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../run-events.ts';
import { thin } from './flood.ts';
import { createRunWriter, type RunWriter } from './run-writer.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
afterEach(() => void vi.useRealTimers());

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** A writer before a spool that drops as much as it takes, or takes all. */
function begin(spoolIs: 'full' | 'roomy'): { writer: RunWriter; events: RunEvent[] } {
  const events: RunEvent[] = [];
  const spool = {
    dropped: 0,
    append(_channel: string, items: readonly unknown[]): void {
      events.push(...(items as RunEvent[]));
      if (spoolIs === 'full') spool.dropped += items.length;
    },
  };
  return { writer: createRunWriter(spool, 'runs/r1'), events };
}

/** Numbered lines, some chunks of them at so many bytes a second. */
function pour(writer: RunWriter, chunks: number, bytesPerSecond: number): number {
  let lines = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    let bytes = '';
    // Chunks end anywhere in a line.
    while (bytes.length < 65_536) bytes += `line ${lines++} ${'x'.repeat(900 + (lines % 50))}\n`;
    writer.output('out', Buffer.from(bytes.slice(0, -7)));
    writer.output('out', Buffer.from(bytes.slice(-7)));
    vi.advanceTimersByTime((bytes.length / bytesPerSecond) * 1000);
  }
  writer.end([{ type: 'ended', outcome: 'succeeded' }], {});
  return lines;
}

/** How many lines were left out; each gap must stand exactly where they would be. */
function leftOut(events: readonly RunEvent[], lines: number): number {
  let next = 0;
  let missing = 0;
  for (const event of events) {
    if (event.type === 'gap') {
      next += event.count;
      missing += event.count;
    } else if (event.type === 'line' && !event.text.startsWith(`line ${next++} x`)) {
      throw new Error(`found ${event.text}, expected line ${next - 1}`);
    }
  }
  expect(next).toBe(lines);
  return missing;
}

describe('output', () => {
  it('faster than a hub takes is thinned out where the spool is full, with exact gaps in its place', () => {
    const { writer, events } = begin('full');
    const lines = pour(writer, 400, 20e6);
    expect(leftOut(events, lines)).toBeGreaterThan(lines / 2);
  });

  it.each([
    ['as fast', 'roomy', 20e6],
    ['slower', 'full', 10e6],
  ] as const)('is whole where it is %s and the spool %s', (_pace, spoolIs, bytesPerSecond) => {
    const { writer, events } = begin(spoolIs);
    const lines = pour(writer, 200, bytesPerSecond);
    expect(leftOut(events, lines)).toBe(0);
  });
});

it('a chunk is thinned at its line feeds alone', () => {
  const bytes = fc.array(fc.constantFrom(0x0a, 0x61, 0xc3, 0xa4), { maxLength: 20 });
  fc.assert(
    fc.property(bytes, (found) => {
      const chunk = Uint8Array.from(found);
      const { head, lines, tail } = thin(chunk);
      const middle = chunk.subarray(head.length, chunk.length - tail.length);
      expect([...middle].filter((byte) => byte === 0x0a)).toHaveLength(lines);
      expect(Buffer.concat([head, middle, tail]).equals(chunk)).toBe(true);
      if (lines === 0) return;
      expect(text(head).indexOf('\n')).toBe(text(head).length - 1);
      expect(text(tail)).not.toContain('\n');
      expect(middle.at(-1)).toBe(0x0a);
    }),
  );
});
