import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokensOf } from './escapes.ts';
import { repaint, plain, type Ink } from './paint.ts';
import { plainText, spansOf } from './spans.ts';

const esc = '\u001B';
const inks = (line: string): readonly (readonly [string, Ink])[] =>
  spansOf(line).map(({ text, paint }) => [text, paint.ink]);

describe('colours', () => {
  it('are taken from the sequences, which are not shown', () => {
    expect(inks(`part ${esc}[34m0141${esc}[0m/0228 ${esc}[32mok${esc}[m 198 ms`)).toEqual([
      ['part ', 'plain'],
      ['0141', 'blue'],
      ['/0228 ', 'plain'],
      ['ok', 'green'],
      [' 198 ms', 'plain'],
    ]);
  });

  it.each<readonly [string, Ink]>([
    ['30', 'faint'],
    ['37', 'plain'],
    ['90', 'faint'],
    ['91', 'red'],
    ['2', 'faint'],
    ['38;5;1', 'red'],
    ['38;5;208', 'yellow'],
    ['38;5;236', 'faint'],
    ['38;5;252', 'plain'],
    ['38;2;255;0;0', 'red'],
    ['38;2;0;120;255', 'blue'],
    ['38;2;200;0;200', 'magenta'],
    ['38:2:0:180:60', 'green'],
    ['38;2;0;200;200', 'cyan'],
    ['38;2;1;1;1', 'faint'],
    ['38;2;255;255;255', 'plain'],
    ['38;5', 'faint'],
    ['38;5;999', 'plain'],
    ['999', 'plain'],
  ])('of %s become one of the eight inks that can be read: %s', (parameters, ink) => {
    expect(spansOf(`${esc}[${parameters}mx`)[0]?.paint.ink).toBe(ink);
  });

  it('know grounds, weights and their ends', () => {
    const paint = (parameters: number[]) => repaint(plain, parameters);
    expect(paint([41, 1, 4])).toMatchObject({ ground: 'red', isBold: true, isUnderlined: true });
    expect(paint([48, 5, 21, 3])).toMatchObject({ ground: 'blue', isItalic: true });
    expect(paint([1, 3, 4, 7, 9, 31, 41, 22, 23, 24, 27, 29, 39, 49])).toEqual(plain);
    expect(paint([31, 0])).toEqual(plain);
  });
});

describe('what is not text', () => {
  it('leaves titles, links, other sequences and unfinished ones out', () => {
    expect(plainText(`${esc}]0;root@host\u0007a${esc}]8;;http://x.example${esc}\\link${esc}]8;;${esc}\\b`)).toBe(
      'alinkb',
    );
    expect(plainText(`${esc}[?25l${esc}[2Jc${esc}(Bd${esc}=e${esc}[12`)).toBe('cde');
    expect(plainText(`${esc}Pq#0;2;0;0;0${esc}\\f\u009B31mg\u009D0;t\u009Ch`)).toBe('fgh');
    expect(plainText(`a${esc}`)).toBe('a');
    expect(plainText(`${esc}]0;a string without its end hides nothing`)).toBe(
      '0;a string without its end hides nothing',
    );
  });

  it('shows control characters as their pictures, and what hides or turns text by its number', () => {
    expect(plainText('a\u0000b\u0007c\u007Fd\ne\u0085f')).toBe('a␀b␇c␡d␊e‹U+0085›f');
    expect(plainText('user\u202Egpj.exe\u200B\uFEFF')).toBe('user‹U+202E›gpj.exe‹U+200B›‹U+FEFF›');
    expect(plainText('שרה فاطمة 👩‍💻\tx')).toBe('שרה فاطمة 👩‍💻\tx');
  });

  it('never leaves a character that a page would not show as it is', () => {
    const nasty = fc.array(
      fc.oneof(
        fc.array(fc.integer({ min: 0, max: 0x20_6f }), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes)),
        fc.constantFrom(esc, `${esc}[`, `${esc}]`, '31;1m', '\r', '\b', `${esc}[3D`, `${esc}[2K`, '\u202E', '\u009B'),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(nasty, (parts) => {
        expect(plainText(parts.join(''))).not.toMatch(/[^\P{Cc}\t]|[\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });

  it('keeps every character of a line that has none of these', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (line) => {
        expect(tokensOf(line)).toEqual([{ kind: 'text', text: line }]);
      }),
    );
  });
});

describe('a line that writes over itself', () => {
  it.each([
    ['10 %\r20 %\r30 %', '30 %'],
    ['hello\rHE', 'HEllo'],
    [`fetching\r${esc}[Kdone`, 'done'],
    [`abc\r${esc}[2Kx`, 'x'],
    [`abcdef${esc}[3D${esc}[1K!`, '   !ef'],
    ['abc\b\bX', 'aXc'],
    [`ab${esc}[3Cc`, 'ab   c'],
    [`abcdef${esc}[2G${esc}[2P`, 'adef'],
    ['text of another system\r', 'text of another system'],
    ['\r\r', ''],
  ])('%j shows %j', (line, shown) => {
    expect(plainText(line)).toBe(shown);
  });

  it('keeps the colours of what was not written over', () => {
    expect(inks(`${esc}[31mabcd${esc}[0m\rXY`)).toEqual([
      ['XY', 'plain'],
      ['cd', 'red'],
    ]);
  });

  it('shows the end of an hour of progress as fast as that of a second', () => {
    const line = Array.from({ length: 200_000 }, (_, n) => `${n} of 200000`).join('\r');
    expect(plainText(line)).toBe('199999 of 200000');
  });

  it.each([
    ['beginnings of strings without an end', '\u009D'.repeat(100_000)],
    ['sequences that delete', 'a'.repeat(200_000) + `${esc}[2G${esc}[P`.repeat(100_000)],
    ['sequences that blank', 'a'.repeat(200_000) + `${esc}[1K`.repeat(100_000)],
  ])('is read through once, of whatever it is made: %s', (_what, line) => {
    const begun = performance.now();
    spansOf(line);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('makes no more blanks than a wide screen has', () => {
    expect(plainText(`${esc}[99999Cx${esc}[99999Cx`).length).toBeLessThan(10_000);
  });
});
