import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessagesFrame } from '@telltale/protocol';
import { ChannelLog, type LogBounds, tombstoneBounds } from './channel-log.ts';

const bounds: LogBounds = {
  kind: 'stream',
  count: 10_000,
  keys: 10_000,
  seconds: undefined,
  bytes: 4 * 1024 * 1024,
  isStored: false,
};
const item = (data: unknown, key?: string) => ({
  key,
  removes: data === null && key !== undefined,
  body: `${key === undefined ? '' : `"key":${JSON.stringify(key)},`}"data":${JSON.stringify(data)}}`,
});

function logOf(over: Partial<LogBounds> = {}): ChannelLog {
  return new ChannelLog('a/b', 'e1', { ...bounds, ...over });
}

/** Takes the WebSocket header off and reads the frame. */
export function unframe(buffer: Buffer): MessagesFrame {
  const short = (buffer[1] as number) & 127;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  return JSON.parse(buffer.subarray(header).toString()) as MessagesFrame;
}

function readAll(log: ChannelLog, cursor: number, upTo = log.head, withoutTombstones = 0): MessagesFrame[] {
  const frames: MessagesFrame[] = [];
  for (let at = cursor; ;) {
    const frame = unframe(log.read(at, upTo, { withoutTombstones }).buffer);
    frames.push(frame);
    at = frame.to;
    if (frame.more !== true) return frames;
    expect(frames.length).toBeLessThan(10_000);
  }
}

describe('a stream', () => {
  it('[LOG1] numbers its messages from 1, by 1', () => {
    const log = logOf();
    for (let n = 1; n <= 5; n++) expect(log.append([item(n)], 1000, 0)).toBe(n);
    const [frame] = readAll(log, 0);
    expect(frame?.messages.map(({ offset, data }) => [offset, data])).toEqual([1, 2, 3, 4, 5].map((n) => [n, n]));
    expect(frame).toMatchObject({ type: 'messages', channel: 'a/b', epoch: 'e1', to: 5 });
  });

  it('[SUB4] cuts a long read at fixed offsets, says more until the head, and shares the frames', () => {
    const log = logOf();
    for (let n = 1; n <= 500; n++) log.append([item('x'.repeat(1000))], 0, 0);
    const frames = readAll(log, 0);
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.slice(0, -1).every(({ more }) => more === true)).toBe(true);
    expect(frames.at(-1)).toMatchObject({ to: 500 });
    expect('more' in (frames.at(-1) as object)).toBe(false);
    // Two readers that began at different places stand at the same boundary after one frame.
    const one = log.read(3, log.head, { withoutTombstones: 0 });
    const other = log.read(40, log.head, { withoutTombstones: 0 });
    expect(one.to).toBe(other.to);
    expect(log.read(one.to, log.head, { withoutTombstones: 0 }).buffer).toBe(
      log.read(other.to, log.head, { withoutTombstones: 0 }).buffer,
    );
  });

  it('[SUB4] cuts smaller pieces for who reads slowly, at ends that all such readers share', () => {
    const log = logOf();
    for (let n = 1; n <= 500; n++) log.append([item('x'.repeat(1000))], 0, 0);
    const ends: number[] = [];
    let count = 0;
    for (let at = 0; at < log.head;) {
      const frame = log.read(at, log.head, { withoutTombstones: 0, pieceBytes: 16 * 1024 });
      expect(frame.count).toBeLessThanOrEqual(17);
      expect(unframe(frame.buffer).more === true).toBe(frame.to < log.head);
      ends.push((at = frame.to));
      count += frame.count;
    }
    expect(count).toBe(500);
    expect(ends.length).toBeGreaterThan(30);
    const other = log.read(3, log.head, { withoutTombstones: 0, pieceBytes: 16 * 1024 });
    expect(other.to).toBe(ends[0]);
    // Up to where a flush stands, and not beyond.
    expect(log.read(0, 5, { withoutTombstones: 0, pieceBytes: 16 * 1024 })).toMatchObject({ to: 5, count: 5 });
  });

  it('[LOG4] keeps to its bounds in count, bytes and age', () => {
    const byCount = logOf({ count: 10 });
    for (let n = 1; n <= 25; n++) byCount.append([item(n)], 0, 0);
    expect(byCount.count).toBe(10);
    const byBytes = logOf({ bytes: 5000 });
    for (let n = 1; n <= 25; n++) byBytes.append([item('x'.repeat(1000))], 0, 0);
    expect(byBytes.count).toBe(4);
    const byAge = logOf({ seconds: 10 });
    for (let n = 1; n <= 25; n++) byAge.append([item(n)], 0, n * 1000);
    expect(readAll(byAge, byAge.beginning)[0]?.messages[0]?.offset).toBe(15);
    byAge.trim(0, 1_000_000);
    expect(byAge.count).toBe(0);
    expect(byAge.head).toBe(25);
  });

  it('[RES3] tells a reader that came too late exactly what it missed', () => {
    const log = logOf({ count: 10 });
    for (let n = 1; n <= 25; n++) log.append([item(n)], 0, 0);
    const [frame] = readAll(log, 4);
    expect(frame?.gap).toEqual({ from: 5, to: 15 });
    expect(frame?.messages[0]?.offset).toBe(16);
    log.trim(0, 0);
    const all = logOf({ seconds: 1 });
    for (let n = 1; n <= 3; n++) all.append([item(n)], 0, 0);
    all.trim(0, 5000);
    expect(readAll(all, 1)).toEqual([expect.objectContaining({ messages: [], to: 3, gap: { from: 2, to: 3 } })]);
  });

  it('[RES3] tells of no gap to who reads no further than it stands, though the log has moved on', () => {
    const log = logOf({ count: 10 });
    for (let n = 1; n <= 25; n++) log.append([item(n)], 0, 0);
    expect(readAll(log, 5, 5)).toEqual([expect.objectContaining({ messages: [], to: 5 })]);
    expect(readAll(log, 5, 5)[0]?.gap).toBeUndefined();
    expect(readAll(log, 5, 7)[0]?.gap).toEqual({ from: 6, to: 7 });
    expect(readAll(log, 7)[0]?.gap).toEqual({ from: 8, to: 15 });
  });

  it('[RES2] [RES4] resumes inside its life and resets outside it', () => {
    const log = logOf({ count: 10 });
    for (let n = 1; n <= 25; n++) log.append([item(n)], 0, 0);
    expect(log.resume({ epoch: 'e1', offset: 20 })).toEqual({ start: 'resumed', offset: 20 });
    expect(log.resume({ epoch: 'e1', offset: 25 })).toEqual({ start: 'resumed', offset: 25 });
    expect(log.resume({ epoch: 'e1', offset: 2 }).start).toBe('resumed');
    expect(log.resume({ epoch: 'e1', offset: 26 })).toEqual({ start: 'reset', offset: 15 });
    expect(log.resume({ epoch: 'e2', offset: 20 })).toEqual({ start: 'reset', offset: 15 });
  });

  it('[SUB2] begins a first read at the last n messages or seconds', () => {
    const log = logOf();
    for (let n = 1; n <= 500; n++) log.append([item('x'.repeat(500))], 0, n * 100);
    expect(log.startOf({ last: 50 }, 50_000)).toBe(450);
    expect(log.startOf({ last: 0 }, 50_000)).toBe(500);
    expect(log.startOf({ last: 5000 }, 50_000)).toBe(0);
    expect(log.startOf({ seconds: 1 }, 50_000)).toBe(489);
    expect(log.startOf({ seconds: 0 }, 60_000)).toBe(500);
  });

  it('drops its oldest segment when asked, and counts what it freed', () => {
    const log = logOf();
    for (let n = 1; n <= 500; n++) log.append([item('x'.repeat(1000))], 0, 0);
    const { bytes } = log;
    expect(log.dropOldestSegment()).toBe(true);
    expect(log.bytes).toBeLessThan(bytes - 60_000);
    expect(readAll(log, 0)[0]?.gap?.from).toBe(1);
  });
});

describe('a table', () => {
  const tableOf = (over: Partial<LogBounds> = {}) => logOf({ kind: 'table', ...over });

  it('[LOG2] keeps the last message per key, at its newest place', () => {
    const log = tableOf();
    log.append([item(1, 'a'), item(2, 'b'), item(3, 'a')], 0, 0);
    expect(readAll(log, 0)[0]?.messages.map(({ key, data }) => [key, data])).toEqual([
      ['b', 2],
      ['a', 3],
    ]);
    expect(log.keys).toBe(2);
  });

  it('[LOG3] leaves a tombstone that a resume receives and a first read does not', () => {
    const log = tableOf();
    log.append([item(1, 'a'), item(2, 'b')], 0, 0);
    const seen = log.head;
    log.append([item(null, 'a')], 0, 0);
    expect(readAll(log, seen)[0]?.messages).toEqual([expect.objectContaining({ key: 'a', data: null })]);
    expect(readAll(log, log.beginning, log.head, log.head)[0]?.messages.map(({ key }) => key)).toEqual(['b']);
    expect(log.keys).toBe(1);
    log.append([item(7, 'a')], 0, 0);
    expect(log.keys).toBe(2);
  });

  it('removing what is not there changes nothing but the position', () => {
    const log = tableOf();
    log.append([item(1, 'a')], 0, 0);
    expect(log.append([item(null, 'zz')], 0, 0)).toBe(2);
    expect(readAll(log, 1)).toEqual([expect.objectContaining({ messages: [], to: 2 })]);
  });

  it('[RES4] resets who comes from before the horizon of its tombstones', () => {
    const log = tableOf();
    log.append([item(1, 'a'), item(2, 'b')], 0, 0);
    const before = log.position;
    log.append([item(null, 'a')], 0, 1000);
    log.append([item(3, 'b')], 0, 1000 + tombstoneBounds.ms - 1);
    expect(log.resume(before).start).toBe('resumed');
    log.append([item(4, 'b')], 0, 1001 + tombstoneBounds.ms);
    expect(log.resume(before).start).toBe('reset');
    expect(log.hasForgotten(before.offset)).toBe(true);
  });

  it('[LOG4] removes its oldest rows, as removals, when there are too many', () => {
    const log = tableOf({ keys: 3 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) log.append([item(key, key)], 0, 0);
    expect(log.keys).toBe(3);
    const last = readAll(log, 0).flatMap(({ messages }) => messages);
    expect(last.filter(({ data }) => data === null).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('bounds its tombstones', () => {
    const log = tableOf({ bytes: 64 * 1024 * 1024 });
    for (let n = 0; n < tombstoneBounds.count + 50; n++) {
      log.append([item(n, `k${n}`)], 0, 0);
      log.append([item(null, `k${n}`)], 0, 0);
    }
    expect(log.count).toBeLessThanOrEqual(tombstoneBounds.count);
    expect(log.keys).toBe(0);
  });

  it('[LOG4] lets no removals push out rows', () => {
    const log = tableOf({ bytes: 10_000 });
    log.append([item('kept', 'row')], 0, 0);
    for (let n = 0; n < 500; n++) {
      log.append([item(n, `k${n}`)], 0, 0);
      log.append([item(null, `k${n}`)], 0, 0);
    }
    expect(readAll(log, log.beginning, log.head, log.head)[0]?.messages).toMatchObject([{ key: 'row', data: 'kept' }]);
    expect(log.resume({ epoch: 'e1', offset: 3 }).start).toBe('reset');
  });

  it('holds against a plain model whatever happens to it', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      data: fc.oneof(fc.constant(null), fc.string({ maxLength: 30_000 }), fc.integer()),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(80), (steps, stop) => {
        const log = tableOf();
        const model = new Map<string, unknown>();
        const resumed = new Map<string, unknown>();
        let position = log.position;
        for (const [index, { key, data }] of steps.entries()) {
          if (index === stop) {
            for (const [name, value] of model) resumed.set(name, value);
            position = log.position;
          }
          log.append([item(data, key)], 0, 0);
          if (data === null) model.delete(key);
          else model.set(key, data);
        }
        const whole = new Map<string, unknown>();
        for (const { messages } of readAll(log, log.beginning, log.head, log.head)) {
          for (const { key, data } of messages) whole.set(key as string, data);
        }
        expect(whole).toEqual(model);
        if (stop < steps.length) {
          for (const { messages } of readAll(log, position.offset)) {
            for (const { key, data } of messages) {
              if (data === null) resumed.delete(key as string);
              else resumed.set(key as string, data);
            }
          }
          expect(resumed).toEqual(model);
        }
        expect(log.keys).toBe(model.size);
      }),
      { numRuns: 200 },
    );
  });
});
