// What a spool says of what it cannot hand on: what the hub refuses, and what was damaged on its disk.

import { readFileSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DroppedMessages } from '../run-events.ts';
import { DamagedHistory, overwrite, segmentsOf, send } from '../testing/damaged-history.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { HubModel } from '../testing/hub-model.ts';
import { openSpool, type Spool, type SpoolEntry, type SpoolOptions } from './spool.ts';

function open(
  directory: string,
  options: Partial<SpoolOptions> = {},
): { readonly spool: Spool; readonly warnings: string[] } {
  const warnings: string[] = [];
  const opened = openSpool({ directory, log: { warn: (_fields, text) => warnings.push(text) }, ...options });
  if (opened.kind === 'owned') throw new Error(`the spool belongs to ${opened.pid}`);
  onTestFinished(() => void opened.spool.close());
  return { spool: opened.spool, warnings };
}
const items = (from: number, to: number, text = ''): { at: number; text: string }[] =>
  Array.from({ length: to - from }, (_, index) => ({ at: from + index, text }));

const unknown = (from: number, to: number): object => ({
  type: 'gap',
  at: 100,
  count: 0,
  orMore: true,
  from,
  to,
  reason: 'spool-damaged',
});

describe('what a hub refuses of a spool', () => {
  it('is told in a gap, once also where it was killed before it heard that the hub has the gap', () => {
    const directory = temporaryDirectory();
    const hub = new HubModel();
    const refuseFirst = (spool: Spool): SpoolEntry => {
      const entry = spool.window[0] as SpoolEntry;
      hub.refuse(entry.channel, entry.once);
      expect(spool.refused(entry)).toBe(true);
      return entry;
    };
    const first = open(directory).spool;
    first.append('a', [...items(3, 5), { type: 'line', at: 7, text: '', more: true }], { resumes: { file: 7 } });
    first.append('a', items(8, 9));
    const gap = refuseFirst(first);
    expect(hub.publish('a', gap.items, gap.once).kind).toBe('stored');
    first.close();
    const { spool } = open(directory, { now: () => 1000 });
    const again = refuseFirst(spool);
    expect(again.items).toEqual([{ type: 'gap', at: 1000, count: 2, from: 3, to: 7, reason: 'refused' }]);
    send(spool, hub);
    expect(hub.stored.get('a')).toEqual([
      { ...(again.items[0] as object), at: expect.any(Number) as number },
      ...items(8, 9),
    ]);
    expect(spool.resumeOf('file')).toBe(7);
    // A gap that is refused too is not told by another.
    spool.append('b', again.items);
    expect(spool.refused(spool.window[0] as SpoolEntry)).toBe(false);
    expect(spool.window).toEqual([]);
  });
});

describe('a spool that was damaged on its disk', () => {
  it('sends what is whole around the damage, says in every channel what may be missing, and warns once', () => {
    const directory = temporaryDirectory();
    const first = open(directory).spool;
    for (let at = 1; at <= 10; at++) first.append(at % 2 === 0 ? 'even' : 'odd', items(at, at + 1), { at });
    const hub = new HubModel();
    // Sent, but the answers were lost: what is before the damage is known by its number.
    for (const entry of first.window.slice(0, 3)) hub.publish(entry.channel, entry.items, entry.once);
    first.close();
    const [path = ''] = segmentsOf(directory);
    // From the middle of the fourth to that of the fifth: nobody can say how many lines there were.
    const fourth = readFileSync(path, 'utf8').indexOf('"at":4');
    overwrite(path, fourth, Buffer.alloc(40));
    const now = (): number => 100;
    const second = open(directory, { now });
    expect(second.warnings).toEqual([expect.stringContaining('damaged')]);
    second.spool.close();
    const { spool, warnings } = open(directory, { now });
    send(spool, hub);
    expect(hub.stored.get('odd')).toEqual([
      ...items(1, 2),
      ...items(3, 4),
      unknown(3, 6),
      ...items(7, 8),
      ...items(9, 10),
    ]);
    expect(hub.stored.get('even')).toEqual([
      ...items(2, 3),
      unknown(3, 6),
      ...items(6, 7),
      ...items(8, 9),
      ...items(10, 11),
    ]);
    expect(warnings).toEqual([]);
  });

  it('while it is open, too, and goes on with what is appended then', () => {
    const directory = temporaryDirectory();
    const { spool, warnings } = open(directory, { now: () => 100 });
    for (let at = 1; at <= 20; at++) spool.append('a', items(at, at + 1), { at });
    const [path = ''] = segmentsOf(directory);
    overwrite(path, readFileSync(path, 'utf8').indexOf('"at":15'), Buffer.alloc(3));
    const hub = new HubModel();
    send(spool, hub);
    spool.append('a', items(21, 22), { at: 21 });
    send(spool, hub);
    expect(hub.stored.get('a')).toEqual([...items(1, 15), unknown(14, 16), ...items(16, 22)]);
    expect(warnings).toHaveLength(1);
    expect(spool.bytes).toBe(0);
  });

  it('counts what is known where the damage has to be dropped', () => {
    const directory = temporaryDirectory();
    const options = { maxBytes: 100_000 };
    const { spool } = open(directory, options);
    const text = 'x'.repeat(2000);
    for (let at = 1; at <= 40; at++) spool.append('a', items(at, at + 1, text));
    const path = segmentsOf(directory).at(-3) ?? '';
    overwrite(path, 100, Buffer.alloc(10));
    for (let at = 41; at <= 90; at++) spool.append('a', items(at, at + 1, text));
    const hub = new HubModel();
    send(spool, hub);
    const stored = hub.stored.get('a') as (Partial<DroppedMessages> & { at: number })[];
    const gap = stored.find(({ type }) => type === 'gap');
    const lines = stored.length - 1;
    expect(gap).toMatchObject({ orMore: true, reason: 'spool-full' });
    // All but the one that could not be read.
    expect(lines + (gap?.count ?? 0)).toBe(89);
  });

  it('sends nothing again that was answered, where it is damaged itself', () => {
    const directory = temporaryDirectory();
    const text = 'x'.repeat(1500);
    const first = open(directory, { maxBytes: 64_000 }).spool;
    first.append('a', items(1, 2, text));
    first.append('a', items(2, 3, text));
    const hub = new HubModel();
    send(first, hub);
    first.append('a', items(3, 5, text));
    first.close();
    const [path = '', ...others] = segmentsOf(directory);
    expect(others).toHaveLength(1);
    overwrite(path, 20, Buffer.from('lost'));
    send(open(directory, { maxBytes: 64_000 }).spool, hub);
    expect(hub.stored.get('a')).toEqual(items(1, 5, text));
  });

  it('keeps where to resume, also where the first line of its last segment is gone', () => {
    const directory = temporaryDirectory();
    const first = open(directory, { maxBytes: 64_000 }).spool;
    first.append('a', items(1, 2, 'x'.repeat(3000)), { resumes: { one: 1 } });
    first.append('b', items(2, 3, 'x'.repeat(3000)), { resumes: { two: 2 } });
    first.close();
    const [, last = ''] = segmentsOf(directory);
    overwrite(last, 0, Buffer.from('lost'));
    const { spool } = open(directory, { maxBytes: 64_000 });
    expect([spool.resumeOf('one'), spool.resumeOf('two')]).toEqual([1, 2]);
  });

  it('hands on each record once and in order, or a gap is where one is missing, whatever was overwritten', () => {
    const step = fc.record({
      channel: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 5 }),
      size: fc.constantFrom(0, 50, 400),
      sends: fc.constantFrom(0, 0, 0, 1, 3),
    });
    const damage = fc.record({
      file: fc.nat(),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 600 }),
      byte: fc.constantFrom(0, 10),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });
    const damages = fc.array(damage, { minLength: 1, maxLength: 3 });
    const unanswered = fc.integer({ min: 0, max: 8 });
    const directory = temporaryDirectory();
    let run = 0;
    let gaps = 0;
    fc.assert(
      fc.property(steps, unanswered, damages, (written, sent, damaged) => {
        const home = `${directory}/${run++}`;
        const history = new DamagedHistory(home);
        history.write(written);
        history.sendWithoutAnswer(sent);
        history.damage(damaged);
        gaps += history.finish();
        rmSync(home, { recursive: true });
      }),
      { numRuns: process.env['TELLTALE_TEST_LONG'] === '1' ? 1000 : 30 },
    );
    expect(gaps).toBeGreaterThan(0);
  }, 180_000);
});
