import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteLines, type Piece } from './byte-lines.ts';

const beginning = { offset: 0, part: 0 };
const joined = (pieces: readonly Piece[]): string[] => {
  const lines: string[] = [];
  let open: string[] = [];
  for (const { text, part, more } of pieces) {
    expect(part ?? 0).toBe(open.length);
    open.push(text);
    if (more === true) continue;
    lines.push(open.join(''));
    open = [];
  }
  return open.length > 0 ? [...lines, open.join('')] : lines;
};

describe('a file’s bytes as lines', () => {
  it('keep their bytes, also carriage returns and what is empty', () => {
    const lines = new ByteLines(beginning);
    expect(lines.write(Buffer.from('one\r\n\ntw'))).toEqual([{ text: 'one\r' }, { text: '' }]);
    expect(lines.position).toEqual({ offset: 6, part: 0 });
    expect(lines.readOffset).toBe(8);
    expect(lines.write(Buffer.from('o\n'))).toEqual([{ text: 'two' }]);
    expect(lines.position).toEqual({ offset: 10, part: 0 });
  });

  it('that are unfinished can be shown, and go on as parts', () => {
    const lines = new ByteLines(beginning);
    lines.write(Buffer.from('ab€').subarray(0, 4));
    expect(lines.show()).toEqual([{ text: 'ab', part: 0, more: true }]);
    expect(lines.show()).toEqual([]);
    expect(lines.position).toEqual({ offset: 2, part: 1 });
    expect(lines.write(Buffer.from('€\n').subarray(2))).toEqual([{ text: '€', part: 1 }]);
    expect(lines.position).toEqual({ offset: 6, part: 0 });
  });

  it('of 10 MB are parts of at most 8,192 characters', () => {
    const lines = new ByteLines(beginning);
    const chunk = Buffer.from('x€'.repeat(16_384));
    const pieces = Array.from({ length: 160 }, () => lines.write(chunk)).flat();
    pieces.push(...lines.write(Buffer.from('\n')));
    expect(Math.max(...pieces.map(({ text }) => text.length))).toBeLessThanOrEqual(8192);
    expect(pieces.map(({ text }) => text).join('') === 'x€'.repeat(16_384 * 160)).toBe(true);
  });

  it('are the same whatever chunks they come in, whenever they are shown, wherever a reader begins anew', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '€', '😀', '\r', '\0'), maxLength: 60 });
    const step = fc.record({ length: fc.integer({ min: 1, max: 9 }), act: fc.constantFrom('none', 'show', 'restart') });
    fc.assert(
      fc.property(text, fc.array(step, { minLength: 1 }), (whole, steps) => {
        const bytes = Buffer.from(whole);
        let lines = new ByteLines(beginning);
        const pieces: Piece[] = [];
        for (let index = 0; lines.readOffset < bytes.length; index++) {
          const { length, act } = steps[index % steps.length] as { length: number; act: string };
          const from = lines.readOffset;
          pieces.push(...lines.write(bytes.subarray(from, from + length + index)));
          if (act === 'show') pieces.push(...lines.show());
          if (act === 'restart' && index < 30) lines = new ByteLines(lines.position);
        }
        pieces.push(...lines.end());
        const expected = whole.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(joined(pieces)).toEqual(expected);
      }),
    );
  });

  it('that are no UTF-8 lose no byte of what is', () => {
    const lines = new ByteLines(beginning);
    const garbage = Buffer.from([0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x41, 0x0a]);
    expect(lines.write(garbage)).toEqual([{ text: `${'\ufffd'.repeat(6)}A` }]);
    const long = new ByteLines(beginning);
    const pieces = long.write(Buffer.alloc(20_000, 0x80));
    expect(long.position.offset).toBe(16_384);
    expect(pieces.map(({ text }) => text.length)).toEqual([8192, 8192]);
  });
});
