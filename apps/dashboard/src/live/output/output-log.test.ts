import type { Connection, HeldMessage, SubscriptionEvent } from '@telltale/client';
import type { HistoryPage } from '@telltale/hub/api';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FetchPage } from './fetch-hole.ts';
import { createOutputLog, type OutputLog } from './output-log.ts';

const message = (offset: number, epoch = 'k1'): HeldMessage => ({
  epoch,
  offset,
  time: offset,
  data: { type: 'line', at: 0, text: `line ${offset}` },
});
const messages = (from: number, to: number): readonly HeldMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

/** Frames are drawn when a test says so. */
let frames: (() => void)[];
let hear: (event: SubscriptionEvent) => void;
let closed: number;
let acknowledged: number;
let answer: FetchPage;
let log: OutputLog;
let drawings: number;
let leave: () => void;

const draw = (): void => {
  const due = frames;
  frames = [];
  for (const run of due) run();
};
const rows = (): readonly string[] =>
  log
    .get()
    .rows.map((row) => (row.kind === 'line' ? row.text : row.kind === 'hole' ? `${row.title}${row.detail}` : row.kind));
const page = (kept: readonly HeldMessage[], offset: number, limit: number): HistoryPage => {
  const older = kept.filter((one) => one.offset < offset);
  const found = older.slice(-limit);
  return { channel: 'runs/r', epoch: 'k1', position: null, messages: found, more: found.length < older.length };
};

beforeEach(() => {
  [frames, closed, acknowledged, drawings] = [[], 0, 0, 0];
  answer = async ({ offset }, limit) => page(messages(1, 3_000), offset, limit);
  // Of a connection the log uses this one method.
  const connection = {
    subscribe(_channel: string, listener: typeof hear) {
      hear = listener;
      return { close: () => (closed += 1), acknowledgeGap: () => (acknowledged += 1) };
    },
  } as unknown as Connection;
  log = createOutputLog({
    connection,
    channel: 'runs/r',
    fetchPage: (...asked) => answer(...asked),
    frame: (run) => frames.push(run),
  });
  leave = log.subscribe(() => (drawings += 1));
});

describe('an output', () => {
  it('is drawn once for all that comes before a frame', () => {
    hear({ type: 'messages', messages: messages(1, 3) });
    hear({ type: 'messages', messages: messages(4, 5) });
    hear({ type: 'freshness', freshness: { kind: 'live' } });
    expect([rows(), frames.length, drawings]).toEqual([[], 1, 0]);
    draw();
    expect([rows().length, drawings, log.get().arrived, log.get().lines]).toEqual([5, 1, 5, 5]);
    expect(log.get().freshness).toEqual({ kind: 'live' });
  });

  it('takes a gap for told, since a row tells it', () => {
    hear({ type: 'messages', messages: messages(1, 3) });
    hear({ type: 'messages', messages: messages(10, 12), gap: { from: 4, to: 9 } });
    hear({ type: 'freshness', freshness: { kind: 'gap', gap: { from: 4, to: 9 } } });
    draw();
    expect(acknowledged).toBe(1);
    expect(rows()[3]).toBe('Up to 6 lines skipped. The hub has them.');
  });

  it('says what became of going to a line: it is here, is not kept any more, or could not be asked for', async () => {
    hear({ type: 'messages', messages: messages(2_990, 3_000) });
    draw();
    const goTo = async (offset: number, epoch = 'k1'): Promise<string> => {
      const going = log.openAt({ epoch, offset });
      // A drawing may be asked for after the answer came.
      for (let turn = 0; turn < 10; turn += 1) {
        await Promise.resolve();
        draw();
      }
      return await going;
    };
    expect(await goTo(1_500)).toBe('here');
    expect(rows()).toContain('line 1500');
    answer = async ({ offset }, limit) => page(messages(2_000, 3_000), offset, limit);
    expect(await goTo(500)).toBe('gone');
    expect(await goTo(5, 'k0')).toBe('gone');
    answer = () => Promise.reject(new Error('no answer'));
    expect(await goTo(700)).toBe('failed');
    // What is drawn already need not be asked for.
    expect(await goTo(2_995)).toBe('here');
  });

  it('is bounded while nobody draws, as in a page that is hidden', () => {
    for (let from = 1; from < 80_000; from += 1_000) hear({ type: 'messages', messages: messages(from, from + 999) });
    expect(frames).toHaveLength(1);
    draw();
    expect(rows().length).toBeLessThan(56_000);
    expect(rows().at(-1)).toBe('line 80000');
  });

  it('belongs to one person: what was held is forgotten with another', () => {
    hear({ type: 'messages', messages: messages(1, 3) });
    hear({ type: 'cleared' });
    draw();
    expect(rows()).toEqual([]);
  });

  it('says why it may not be read', () => {
    hear({ type: 'denied', code: 4403, reason: 'no right' });
    draw();
    expect(log.get().denied).toEqual({ code: 4403, reason: 'no right' });
  });
});

describe('what is not here', () => {
  beforeEach(() => {
    hear({ type: 'messages', messages: messages(2_501, 3_000) });
    draw();
  });

  it('comes page by page, and is there when the promise says so', async () => {
    const opened = log.open('older');
    draw();
    expect(rows()[0]).toMatch(/Asking the hub/);
    // The frame after the answer draws what came.
    const drawing = setInterval(draw, 1);
    await opened;
    clearInterval(drawing);
    expect([rows().length, rows()[1]]).toEqual([1_501, 'line 1501']);
  });

  it('says why it did not come, and can be asked for again', async () => {
    const drawing = setInterval(draw, 1);
    const works = answer;
    answer = () => Promise.reject(new Error('The hub does not answer.'));
    await log.open('older');
    expect(rows()[0]).toBe('Older output. The hub does not answer.');
    answer = works;
    await log.open('older');
    clearInterval(drawing);
    expect(rows()[1]).toBe('line 1501');
  });

  it('comes from its beginning, with a hole behind it', async () => {
    log.count({ epoch: 'k1', offset: 3_000, lines: 3_000 });
    const drawing = setInterval(draw, 1);
    await log.openStart();
    clearInterval(drawing);
    expect([rows()[0], rows()[1_000], rows()[1_001]]).toEqual([
      'line 1',
      '1\u2009500 lines skipped. The hub has them.',
      'line 2501',
    ]);
  });

  it('comes whole where all is asked for, and stops where a page fails', async () => {
    const drawing = setInterval(draw, 1);
    const works = answer;
    let count = 0;
    answer = (...asked) => ((count += 1) === 2 ? Promise.reject(new Error('No.')) : works(...asked));
    await log.openAll();
    expect(rows()[0]).toBe('Older output. No.');
    answer = works;
    await log.openAll();
    clearInterval(drawing);
    expect([rows().length, rows()[0]]).toEqual([3_000, 'line 1']);
  });

  it('keeps nobody waiting who has left', async () => {
    const opened = log.open('older');
    leave();
    await opened;
    expect(closed).toBe(1);
  });
});
