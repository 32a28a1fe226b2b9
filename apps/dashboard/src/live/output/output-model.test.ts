import type { DroppedMessages, RunEvent } from '@telltale/agent/run-events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineRow, OutputRow } from '../../ui/output/rows.ts';
import { foldedFrom } from './fold.ts';
import { createOutputModel, type OutputMessage, type OutputModel } from './output-model.ts';

const at = Date.UTC(2026, 10, 23, 14, 6, 3, 880);
const line = (text: string, more: Partial<Extract<RunEvent, { type: 'line' }>> = {}): RunEvent => ({
  type: 'line',
  at,
  text,
  ...more,
});
const piece = (id: string, text: string, isLast?: true): RunEvent => ({
  type: 'text',
  at,
  id,
  text,
  ...(isLast === undefined ? {} : { isLast }),
});
const dropped = (count: number): RunEvent => ({
  type: 'gap',
  at,
  count,
  from: at,
  to: at + 7_000,
  reason: 'spool-full',
});
const progress: RunEvent = { type: 'progress', at, done: 0.5 };

const messages = (events: readonly RunEvent[], from = 1): readonly OutputMessage[] =>
  events.map((data, index) => ({ offset: from + index, time: at, data }));

/** The model after all of it came at once, from the beginning. */
function whole(events: readonly RunEvent[]): OutputModel {
  const model = createOutputModel();
  model.take('k1', messages(events));
  model.settle();
  return model;
}
const lines = (count: number, from = 1): readonly RunEvent[] =>
  Array.from({ length: count }, (_, index) => line(`line ${from + index}`));
const isLine = (row: OutputRow): row is LineRow => row.kind === 'line';
const texts = ({ rows }: OutputModel): readonly string[] =>
  rows.map((row) =>
    row.kind === 'line' || row.kind === 'text'
      ? row.text
      : `(${row.kind}) ${'title' in row ? row.title + row.detail : row.count}`,
  );
const numbers = ({ rows }: OutputModel): readonly (number | undefined)[] =>
  rows.filter(isLine).map(({ number }) => number);

describe('lines', () => {
  it('are joined of their parts, stand where they ended and are numbered as they ended', () => {
    const model = whole([
      line('Password: ', { part: 0, more: true }),
      line('cannot read the terminal', { stream: 'err' }),
      line('***', { part: 1 }),
      line('done'),
    ]);
    expect(texts(model)).toEqual(['cannot read the terminal', 'Password: ***', 'done']);
    expect(numbers(model)).toEqual([1, 2, 3]);
    expect(model.rows[0]).toMatchObject({ source: 'err' });
  });

  it('have no number before their end', () => {
    const model = whole([line('one'), line('50 %', { part: 0, more: true })]);
    expect(numbers(model)).toEqual([1, undefined]);
    expect(model.lines).toBe(1);
  });

  it('of steps and of both streams do not mix', () => {
    const model = whole([
      line('a', { part: 0, more: true, step: 'x' }),
      line('b', { part: 0, more: true, step: 'y' }),
      line('c', { part: 0, more: true }),
      line('A', { part: 1, step: 'x' }),
      line('B', { part: 1, step: 'y' }),
      line('C', { part: 1 }),
    ]);
    expect(texts(model)).toEqual(['aA', 'bB', 'cC']);
  });

  it('whose pieces were dropped are not joined to what follows', () => {
    const model = whole([line('begun', { part: 0, more: true }), dropped(3), line('end of another', { part: 1 })]);
    expect(texts(model)).toEqual([
      'begun',
      expect.stringMatching(/^\(note\) 3 lines missing, \d\d:06:03 to \d\d:06:10\. The agent’s spool was full\.$/),
      'end of another',
    ]);
    expect(model.rows[2]).toMatchObject({ lacksStart: true, number: 4 });
    expect(model.gaps).toBe(1);
  });

  it('that nobody could count are said to be missing all the same', () => {
    const uncounted = (count: number): string | undefined =>
      texts(whole([{ ...(dropped(count) as DroppedMessages), orMore: true, reason: 'spool-damaged' }]))[0];
    expect(uncounted(0)).toMatch(
      /^\(note\) An unknown number of lines may be missing, .* The agent’s spool was damaged\.$/,
    );
    expect(uncounted(3)).toMatch(/^\(note\) At least 3 lines missing, /);
  });

  it('count those that the sender had to drop, as it printed them', () => {
    expect(numbers(whole([line('one'), dropped(214), line('two')]))).toEqual([1, 216]);
  });
});

describe('equal lines', () => {
  const many = Array.from({ length: foldedFrom + 2 }, () => line('keepalive'));

  it('are folded when there are many of them, and unfolded again', () => {
    const model = whole([line('before'), ...many, line('after')]);
    expect(texts(model)).toEqual(['before', '(fold) 12', 'after']);
    expect(numbers(model)).toEqual([1, 14]);
    model.toggleFold(model.rows[1]?.key ?? '');
    model.settle();
    expect(model.rows).toHaveLength(15);
    expect(numbers(model)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
    model.take('k1', messages([line('after')], 15));
    model.settle();
    expect(model.rows).toHaveLength(16);
  });

  it('grow while they are folded and while they are unfolded', () => {
    const model = whole(many);
    const key = model.rows[0]?.key ?? '';
    model.take('k1', messages([line('keepalive')], 13));
    model.settle();
    expect(texts(model)).toEqual(['(fold) 13']);
    model.toggleFold(key);
    model.take('k1', messages([line('keepalive')], 14));
    model.settle();
    model.take('k1', messages([line('keepalive')], 15));
    model.settle();
    expect(model.rows[0]).toMatchObject({ kind: 'fold', key, count: 15, isUnfolded: true });
    expect(model.rows).toHaveLength(16);
  });

  it('are not folded where they are few, or of two streams', () => {
    const few = many.slice(0, foldedFrom - 1);
    expect(whole([...few, line('keepalive', { stream: 'err' }), line('keepalive')]).rows).toHaveLength(foldedFrom + 1);
  });
});

describe('texts', () => {
  it('grow in the place where they began, a row for each paragraph', () => {
    const model = whole([
      piece('a', 'The ca'),
      line('looked up'),
      piece('a', 't sat.\nIt '),
      piece('b', 'Meanwhile'),
      piece('a', 'slept.', true),
      piece('a', 'Another text of this name'),
    ]);
    expect(texts(model)).toEqual(['The cat sat.', 'It slept.', 'looked up', 'Meanwhile', 'Another text of this name']);
    expect(numbers(model)).toEqual([1]);
    expect(new Set(model.rows.map(({ key }) => key)).size).toBe(5);
  });
});

describe('holes', () => {
  it('are a row that can be opened, and are closed by what was fetched', () => {
    const model = createOutputModel();
    const all = messages(lines(300));
    model.take('k1', all.slice(0, 40));
    model.take('k1', all.slice(254));
    model.settle();
    expect(texts(model)[40]).toBe('(hole) Up to 214 lines skipped. The hub has them.');
    expect(model.gaps).toBe(1);
    const key = model.rows[40]?.key ?? '';
    expect(model.hole(key)).toEqual({ epoch: 'k1', from: 41, to: 254 });
    const hole = { epoch: 'k1', from: 41, to: 254 };
    model.setHole(hole, { kind: 'opening' });
    model.take('k1', all.slice(40, 50));
    model.settle();
    expect(model.rows[50]).toMatchObject({ state: 'opening' });
    model.setHole(hole, { kind: 'failed', why: 'The hub does not answer.' });
    model.settle();
    expect(texts(model)[50]).toBe('(hole) Up to 204 lines skipped. The hub does not answer.');
    expect(model.rows[50]).toMatchObject({ state: 'failed', action: 'Try again' });
    model.take('k1', all.slice(40, 254));
    model.settle();
    expect(model.rows).toEqual(whole(lines(300)).rows);
    expect(model.gaps).toBe(0);
  });

  it('name the exact number of lines where a snapshot has told it', () => {
    const model = createOutputModel();
    const all = messages([...lines(10), ...Array.from({ length: 10 }, () => progress), ...lines(10, 11)]);
    model.take('k1', all.slice(0, 5));
    model.take('k1', all.slice(25));
    model.count({ epoch: 'k1', offset: 30, lines: 20 });
    model.settle();
    expect(texts(model)[5]).toBe('(hole) 10 lines skipped. The hub has them.');
    expect(numbers(model)).toEqual([1, 2, 3, 4, 5, 16, 17, 18, 19, 20]);
  });

  it('that nobody can fill any more say so', () => {
    const model = createOutputModel();
    const all = messages(lines(100));
    model.take('k1', all.slice(60));
    model.settle();
    expect([model.older, texts(model)[0]]).toEqual(['kept', '(hole) Older output']);
    model.count({ epoch: 'k1', offset: 100, lines: 100 });
    model.settle();
    expect(texts(model)[0]).toBe('(hole) 60 older lines');
    model.gone('k1', 60);
    model.settle();
    expect([model.older, texts(model)[0]]).toEqual(['gone', '(note) 60 older lines are no longer kept by the hub.']);
    model.take('k1', all.slice(0, 10));
    model.settle();
    expect([model.older, texts(model)[10]]).toEqual(['none', '(note) 50 lines are no longer kept by the hub.']);
  });

  it('between two lives of a log are said, and what was read before stays', () => {
    const model = createOutputModel();
    model.take('k1', messages(lines(3)));
    model.take('k2', messages(lines(2, 51), 11));
    model.settle();
    expect(texts(model)).toEqual([
      'line 1',
      'line 2',
      'line 3',
      expect.stringContaining('(note) The hub began this output anew'),
      '(hole) Up to 10 lines skipped. The hub has them.',
      'line 51',
      'line 52',
    ]);
    model.take('k2', messages(lines(10, 41)));
    model.settle();
    expect(numbers(model)).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});

describe('numbers', () => {
  it('are those of the whole output or absent, wherever one begins to read', () => {
    const model = createOutputModel();
    const all = messages(lines(100));
    model.take('k1', all.slice(50, 60));
    model.settle();
    expect(numbers(model)).toEqual(Array.from({ length: 10 }, () => undefined));
    // A snapshot may be ahead of what has arrived.
    model.count({ epoch: 'k1', offset: 70, lines: 70 });
    model.settle();
    expect(numbers(model)[0]).toBeUndefined();
    model.take('k1', all.slice(60, 75));
    model.settle();
    expect(numbers(model)).toEqual(Array.from({ length: 25 }, (_, index) => 51 + index));
    expect(model.lines).toBe(75);
  });
});

describe('what is held', () => {
  const all = messages(lines(12_000));

  it('is bounded: the oldest lines go, and come back with their numbers', () => {
    const model = createOutputModel(5_000);
    for (let start = 0; start < all.length; start += 100) {
      model.take('k1', all.slice(start, start + 100));
      model.settle();
      expect(model.rows.length).toBeLessThanOrEqual(5_001);
    }
    expect(model.older).toBe('kept');
    const first = numbers(model)[0] ?? 0;
    expect(numbers(model).at(-1)).toBe(12_000);
    model.take('k1', all.slice(first - 101, first - 1));
    model.settle({ epoch: 'k1', offset: first });
    expect(numbers(model)[0]).toBe(first - 100);
  });

  it('keeps what somebody reads and the newest, and lets go what is between', () => {
    const model = createOutputModel(5_000);
    const reader = { epoch: 'k1', offset: 600 };
    for (let start = 0; start < all.length; start += 100) {
      model.take('k1', all.slice(start, start + 100));
      model.settle(start < 1_000 ? undefined : reader);
    }
    expect(model.rows.length).toBeLessThanOrEqual(5_002);
    expect(numbers(model).slice(0, 2_600)).toEqual(Array.from({ length: 2_600 }, (_, index) => index + 1));
    expect(numbers(model).slice(-500)).toEqual(Array.from({ length: 500 }, (_, index) => 11_501 + index));
    const hole = model.rows.find(({ kind }) => kind === 'hole');
    expect(hole).toMatchObject({ title: expect.stringMatching(/^\d[\d\u2009]+ lines skipped$/) });
  });

  it('is bounded too for who goes back further than fits', () => {
    const model = createOutputModel(5_000);
    model.take('k1', all.slice(-500));
    model.count({ epoch: 'k1', offset: 12_000, lines: 12_000 });
    model.settle();
    for (let end = 11_500; end > 0; end -= 100) {
      model.take('k1', all.slice(end - 100, end));
      const first = model.rows.find(isLine);
      model.settle(first === undefined ? undefined : model.placeOf(first.key));
      expect(model.rows.length).toBeLessThanOrEqual(5_003);
    }
    expect(numbers(model).slice(0, 2_000)).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
    expect(numbers(model).slice(-500)).toEqual(Array.from({ length: 500 }, (_, index) => 11_501 + index));
    expect(model.gaps).toBe(1);
  });

  it('weighs long lines by their length', () => {
    const model = createOutputModel(1_000);
    for (let index = 0; index < 100; index += 1) {
      model.take('k1', messages([line('x'.repeat(16_384), { part: 0, more: true })], index + 1));
      model.settle();
    }
    expect(model.rows.filter(isLine).length).toBeLessThan(40);
  });
});

/** Lines in parts, texts, drops and what is no output, as several senders in one process would interleave them. */
const output: fc.Arbitrary<readonly RunEvent[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('line', 'line', 'line', 'part', 'part', 'text', 'drop', 'other', 'same'),
      lane: fc.constantFrom('', 'x', 'y'),
      isLast: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((plan) => {
    const parts = new Map<string, number>();
    return plan.map(({ kind, lane, isLast }, index): RunEvent => {
      const step = lane === '' ? {} : { step: lane };
      if (kind === 'same') return line('same');
      if (kind === 'drop') return dropped(index + 1);
      if (kind === 'other') return progress;
      if (kind === 'text')
        return piece(`t${lane}`, `w${index}${index % 3 === 0 ? '\n' : ''}`, isLast ? true : undefined);
      const part = parts.get(lane) ?? 0;
      if (kind === 'line' && part === 0) return line(`l${index}`, step);
      parts.set(lane, isLast ? 0 : part + 1);
      return line(`p${index}`, { ...step, part, ...(isLast ? {} : { more: true }) });
    });
  });

describe('what is let go while it grows', () => {
  it('takes nothing from the newest rows, nor from their numbers', () => {
    fc.assert(
      fc.property(output, (events) => {
        const model = createOutputModel(20);
        const expected = whole(events).rows;
        for (const message of messages(events)) {
          model.take('k1', [message]);
          model.settle();
        }
        const { rows } = model;
        expect(rows.length).toBeLessThanOrEqual(45);
        expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
        const known = new Map(expected.filter(isLine).map((row) => [row.text, row.number]));
        for (const row of rows.filter(isLine)) {
          if (row.lacksStart !== true && row.text !== 'same') expect(row.number).toBe(known.get(row.text));
        }
        const tail = (all: readonly OutputRow[]): readonly string[] =>
          all
            .filter(isLine)
            .map(({ text }) => text)
            .filter((text) => text.startsWith('l'))
            .slice(-5);
        expect(tail(rows)).toEqual(tail(expected));
      }),
    );
  });
});

describe('in whatever order it comes', () => {
  it('makes the same rows, each once and in order', () => {
    fc.assert(
      fc.property(
        output,
        fc.array(fc.tuple(fc.nat(59), fc.nat(20), fc.boolean()), { maxLength: 25 }),
        (events, pieces) => {
          const all = messages(events);
          const expected = whole(events);
          const model = createOutputModel();
          const known = new Map(expected.rows.filter(isLine).map((row) => [row.text, row.number]));
          for (const [from, length, isSettled] of pieces) {
            model.take('k1', all.slice(from, from + length));
            if (!isSettled) continue;
            model.settle();
            const offsets = model.rows.filter(isLine).map(({ at: _at, key }) => key);
            expect(new Set(offsets).size).toBe(offsets.length);
            // A number is never another than it will be in the end.
            for (const row of model.rows.filter(isLine)) {
              if (row.number !== undefined && row.lacksStart !== true && row.text !== 'same') {
                expect(known.get(row.text) ?? row.number).toBe(row.number);
              }
            }
          }
          // Live in small pieces, then the pages of history and the holes in any order.
          for (const [from, length] of pieces) model.take('k1', all.slice(from, from + length));
          model.settle();
          model.take('k1', all);
          model.settle();
          expect(model.rows).toEqual(expected.rows);
        },
      ),
    );
  });

  it('makes the same rows one by one as at once', () => {
    fc.assert(
      fc.property(output, (events) => {
        const model = createOutputModel();
        for (const message of messages(events)) {
          model.take('k1', [message]);
          model.settle();
        }
        expect(model.rows).toEqual(whole(events).rows);
        expect(model.lines).toBe(whole(events).lines);
      }),
    );
  });

  it('shows every line and piece that is held, and nothing else', () => {
    fc.assert(
      fc.property(output, fc.array(fc.tuple(fc.nat(59), fc.nat(20)), { maxLength: 6 }), (events, pieces) => {
        const all = messages(events);
        const model = createOutputModel();
        const offsets = new Set<number>();
        for (const [from, length] of pieces) {
          model.take('k1', all.slice(from, from + length));
          for (const { offset } of all.slice(from, from + length)) offsets.add(offset);
        }
        model.settle();
        const said = all.filter(({ offset }) => offsets.has(offset)).map(({ data }) => data as RunEvent);
        const letters = (text: string): string => [...text.replaceAll('\n', '')].sort().join('');
        const expected = said.map((event) => ('text' in event ? event.text : '')).join('');
        const shown = model.rows.flatMap((row) =>
          row.kind === 'line' || row.kind === 'text'
            ? [row.text]
            : row.kind === 'fold'
              ? [row.text.repeat(row.count)]
              : [],
        );
        expect(letters(shown.join(''))).toBe(letters(expected));
      }),
    );
  });
});

it('takes what is no output, or no message at all, for nothing', () => {
  const model = createOutputModel();
  const hostile = [null, 1, 'x', {}, { type: 'line' }, { type: 'line', at: 'now', text: 'x' }, { type: 'gap', at }, []];
  model.take(
    'k1',
    hostile.map((data, index) => ({ offset: index + 1, time: at, data })),
  );
  model.settle();
  expect(model.rows).toEqual([]);
});
