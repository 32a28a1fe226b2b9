import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter, type LinePiece } from './line-splitter.ts';

const letters = (text: string): Buffer => Buffer.from(text);

/** Splits chunks; `shows` says after which of them an unfinished line is let go. */
function split(
  chunks: readonly Uint8Array[],
  options: { most?: number; shows?: readonly boolean[] } = {},
): LinePiece[] {
  const pieces: LinePiece[] = [];
  const splitter = createLineSplitter((piece) => pieces.push(piece), options.most);
  for (const [index, chunk] of chunks.entries()) {
    splitter.write(chunk);
    if (options.shows?.[index] === true) splitter.show();
  }
  splitter.end();
  return pieces;
}

/** What a reader makes of the pieces; fails where their numbers do not fit. */
function join(pieces: readonly LinePiece[]): string[] {
  const lines: string[] = [];
  let open: string[] = [];
  for (const { text, part, more } of pieces) {
    expect(part ?? 0).toBe(open.length);
    if (more === true) expect(part).toBeDefined();
    open.push(text);
    if (more === true) continue;
    lines.push(open.join(''));
    open = [];
  }
  expect(open).toEqual([]);
  return lines;
}

function expectedLines(bytes: Uint8Array): string[] {
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

describe('lines', () => {
  it.each([
    ['lines as they come', ['one\ntwo\n'], [{ text: 'one' }, { text: 'two' }]],
    ['lines over the borders of chunks', ['on', 'e\nt', 'wo\n'], [{ text: 'one' }, { text: 'two' }]],
    ['empty lines', ['\n\na\n'], [{ text: '' }, { text: '' }, { text: 'a' }]],
    ['a last line without a line feed', ['one\ntwo'], [{ text: 'one' }, { text: 'two' }]],
    ['carriage returns inside', ['10%\r20%\r\nok\n'], [{ text: '10%\r20%\r' }, { text: 'ok' }]],
    ['NULs', ['a\0b\n'], [{ text: 'a\0b' }]],
    ['nothing', [], []],
  ])('are split: %s', (_case, chunks, expected) => {
    expect(split(chunks.map(letters))).toEqual(expected);
  });

  it('keep a character whose bytes come apart', () => {
    const bytes = letters('€😀\n');
    expect(split([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([{ text: '€😀' }]);
  });

  it('mark bytes that are no UTF-8, also at the very end', () => {
    expect(split([Uint8Array.of(0x61, 0xff, 0x0a, 0xe2, 0x82)])).toEqual([{ text: 'a\u{fffd}' }, { text: '\u{fffd}' }]);
  });

  it('over the limit are parts, and no part cuts a surrogate pair', () => {
    expect(split([letters('abcdefgh\nab😀d\nabcd\n')], { most: 3 })).toEqual([
      { text: 'abc', part: 0, more: true },
      { text: 'def', part: 1, more: true },
      { text: 'gh', part: 2 },
      { text: 'ab', part: 0, more: true },
      { text: '😀d', part: 1 },
      { text: 'abc', part: 0, more: true },
      { text: 'd', part: 1 },
    ]);
    expect(split([letters('abc\n')], { most: 3 })).toEqual([{ text: 'abc' }]);
  });

  it('that are unfinished can be shown, and go on as parts', () => {
    expect(split(['10%', '\r20%', '', '\nok'].map(letters), { shows: [true, true, true] })).toEqual([
      { text: '10%', part: 0, more: true },
      { text: '\r20%', part: 1, more: true },
      { text: '', part: 2 },
      { text: 'ok' },
    ]);
  });

  it('say whether something is held', () => {
    const splitter = createLineSplitter(() => undefined);
    splitter.write(letters('a\n'));
    expect(splitter.isHolding).toBe(false);
    splitter.write(letters('b'));
    expect(splitter.isHolding).toBe(true);
    splitter.show();
    expect(splitter.isHolding).toBe(false);
  });

  it('of 10 MB are parts of at most 8,192 characters, at once', () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024, 'x€');
    const chunks = Array.from({ length: 160 }, (_, index) => bytes.subarray(index * 65_536, (index + 1) * 65_536));
    const begun = performance.now();
    const pieces = split([...chunks, letters('\n')]);
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(pieces.every(({ text }) => text.length <= 8192)).toBe(true);
    expect(join(pieces)).toEqual(expectedLines(bytes));
  });

  it('joined from their parts are exactly what was written, whatever the bytes, chunks and moments', () => {
    const byte = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0x0a, 0x0d, 0x00, 0x41, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80),
    );
    const step = fc.record({ bytes: fc.array(byte, { maxLength: 12 }), isShown: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 2, max: 9 }), (steps, most) => {
        const chunks = steps.map(({ bytes }) => Uint8Array.from(bytes));
        const pieces = split(chunks, { most, shows: steps.map(({ isShown }) => isShown) });
        expect(pieces.every(({ text }) => text.length <= most)).toBe(true);
        expect(join(pieces)).toEqual(expectedLines(Buffer.concat(chunks)));
      }),
    );
  });
});
