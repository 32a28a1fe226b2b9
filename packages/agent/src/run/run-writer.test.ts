import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../run-events.ts';
import { createRunWriter, type RunWriter } from './run-writer.ts';

interface Appended {
  readonly events: readonly RunEvent[];
  readonly resumes: unknown;
}

/** A writer, and what it has written so far. */
function begin(): { writer: RunWriter; appends: Appended[]; events: () => RunEvent[] } {
  const appends: Appended[] = [];
  const spool = {
    dropped: 0,
    append(channel: string, items: readonly unknown[], options?: { resumes?: unknown }): void {
      expect(channel).toBe('runs/r1');
      appends.push({ events: structuredClone(items) as RunEvent[], resumes: options?.resumes });
    },
  };
  return {
    writer: createRunWriter(spool, 'runs/r1'),
    appends,
    events: () => appends.flatMap(({ events }) => events),
  };
}

const bytes = (text: string): Buffer => Buffer.from(text);

beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
afterEach(() => void vi.useRealTimers());

describe('what a run says', () => {
  it('is written down together, 50 ms after the first of it, in its order and with its time', () => {
    const { writer, appends } = begin();
    writer.event({ type: 'started', name: 'nightly' });
    vi.advanceTimersByTime(20);
    writer.output('out', bytes('one\ntwo\n'));
    writer.output('err', bytes('oops\n'));
    vi.advanceTimersByTime(29);
    expect(appends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(appends).toEqual([
      {
        events: [
          { type: 'started', at: 1000, name: 'nightly' },
          { type: 'line', at: 1020, text: 'one' },
          { type: 'line', at: 1020, text: 'two' },
          { type: 'line', at: 1020, text: 'oops', stream: 'err' },
        ],
        resumes: undefined,
      },
    ]);
    vi.advanceTimersByTime(1000);
    expect(appends).toHaveLength(1);
  });

  it('is written down at once where there is much of it', () => {
    const { writer, appends } = begin();
    writer.output('out', bytes('x\n'.repeat(1200)));
    expect(appends.map(({ events }) => events.length)).toEqual([500, 500]);
    writer.output('out', bytes(`${'x'.repeat(8000)}\n`.repeat(4)));
    expect(appends).toHaveLength(3);
  });

  it('shows a line that does not end, every 250 ms', () => {
    const { writer, events } = begin();
    writer.output('out', bytes('10%'));
    vi.advanceTimersByTime(100);
    writer.output('out', bytes('\r20%'));
    vi.advanceTimersByTime(149);
    expect(events()).toEqual([]);
    vi.advanceTimersByTime(51);
    expect(events()).toEqual([{ type: 'line', at: 1250, text: '10%\r20%', part: 0, more: true }]);
    vi.advanceTimersByTime(1000);
    writer.output('out', bytes('\rdone\n'));
    vi.advanceTimersByTime(50);
    expect(events().slice(1)).toEqual([{ type: 'line', at: 2300, text: '\rdone', part: 1 }]);
  });

  it('ends with its last lines and words, marked, and with nothing after them', () => {
    const { writer, appends } = begin();
    writer.output('out', bytes('half'));
    writer.output('err', bytes('end\n'));
    writer.end([{ type: 'ended', outcome: 'failed', exitCode: 3 }], { resumes: { ended: true } });
    writer.output('out', bytes('late\n'));
    writer.event({ type: 'progress', done: 1 });
    writer.text('t', 'late', undefined);
    writer.log('late', undefined);
    writer.end([{ type: 'ended', outcome: 'lost' }], {});
    vi.runAllTimers();
    expect(appends).toEqual([
      {
        events: [
          { type: 'line', at: 1000, text: 'end', stream: 'err' },
          { type: 'line', at: 1000, text: 'half' },
        ],
        resumes: undefined,
      },
      { events: [{ type: 'ended', at: 1000, outcome: 'failed', exitCode: 3 }], resumes: { ended: true } },
    ]);
  });

  it('can be lines of a step, long ones in parts', () => {
    const { writer, events } = begin();
    writer.log(`one\n${'x'.repeat(9000)}`, 's1');
    writer.flush();
    expect(events()).toEqual([
      { type: 'line', at: 1000, text: 'one', step: 's1' },
      { type: 'line', at: 1000, text: 'x'.repeat(8192), part: 0, more: true, step: 's1' },
      { type: 'line', at: 1000, text: 'x'.repeat(808), part: 1, step: 's1' },
    ]);
  });
});

describe('texts', () => {
  it('are joined token by token, two at a time too', () => {
    const { writer, events } = begin();
    for (const token of ['The ', 'disk ', 'is ']) writer.text('a', token, undefined);
    writer.text('b', 'Mean', 's1');
    writer.text('a', 'full', undefined);
    writer.text('b', 'while', 's1');
    writer.flush();
    expect(events()).toEqual([
      { type: 'text', at: 1000, id: 'a', text: 'The disk is full' },
      { type: 'text', at: 1000, id: 'b', text: 'Meanwhile', step: 's1' },
    ]);
  });

  it('keep their place among other events', () => {
    const { writer, events } = begin();
    writer.text('a', 'one', undefined);
    writer.event({ type: 'progress', done: 0.5 });
    writer.text('a', ' two', undefined);
    writer.flush();
    expect(events().map((event) => (event.type === 'text' ? event.text : event.type))).toEqual([
      'one',
      'progress',
      ' two',
    ]);
  });

  it('longer than a message are cut between characters, and joined are what was written', () => {
    const { writer, events } = begin();
    const text = `${'x'.repeat(8191)}😀${'y'.repeat(20_000)}`;
    writer.text('a', text.slice(0, 5), undefined);
    writer.text('a', text.slice(5), undefined);
    writer.text('a', '', undefined);
    writer.flush();
    const pieces = events().map((event) => (event.type === 'text' ? event.text : ''));
    expect(pieces.join('')).toBe(text);
    expect(pieces[0]).toHaveLength(8191);
    expect(pieces.every((piece) => piece.length <= 8192 && piece.length > 0)).toBe(true);
  });
});
