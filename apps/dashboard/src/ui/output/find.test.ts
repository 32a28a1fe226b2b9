import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFinder, marked, needleOf, stepFrom, type Needle } from './find.ts';
import type { LineRow, OutputRow } from './rows.ts';
import { spansOf } from './spans.ts';

const row = (text: string): LineRow => ({ kind: 'line', key: text, number: 1, at: 0, text, source: 'out' });
const needle = (text: string): Needle => needleOf(text) as Needle;
const pieces = (line: string, text: string): readonly string[] =>
  marked(spansOf(line), needle(text)).map((span) => (span.isFound ? `[${span.text}]` : span.text));

describe('finding', () => {
  it('looks through what is shown, capitals or not', () => {
    const rows: readonly OutputRow[] = [
      row('\u001B[31mErr\u001B[0mor: disk'),
      row('10 % error\r\u001B[Kdone'),
      row('errors'),
      { kind: 'fold', key: 'fold', count: 12, text: 'ERROR again', isUnfolded: false },
      { kind: 'note', key: 'note', look: 'gap', title: 'error', detail: '' },
    ];
    expect(createFinder(needle('Error'))(rows).map(({ key }) => key)).toEqual([rows[0]?.key, 'errors', 'fold']);
  });

  it('marks every place, through colours', () => {
    expect(pieces('error and Error', 'error')).toEqual(['[error]', ' and ', '[Error]']);
    expect(pieces('an er\u001B[1mror here', 'error')).toEqual(['an ', '[er]', '[ror]', ' here']);
    expect(pieces('aaaa', 'aa')).toEqual(['[aa]', '[aa]']);
    expect(pieces('nothing', 'error')).toEqual(['nothing']);
  });

  it('is as fast where every character is a place', () => {
    const begun = performance.now();
    expect(marked([...spansOf('a'.repeat(200_000))], needle('a'))).toHaveLength(200_000);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('loses and doubles no character, whatever is looked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1, maxLength: 3 }), (line, typed) => {
        const spans = spansOf(line);
        const text = (all: readonly { readonly text: string }[]): string => all.map((span) => span.text).join('');
        expect(text(marked(spans, needle(typed)))).toBe(text(spans));
      }),
    );
  });

  it('goes from one to the next and round the end', () => {
    const found = [row('a'), row('b'), row('c')];
    expect(stepFrom(found, undefined, 1)?.key).toBe('a');
    expect(stepFrom(found, undefined, -1)?.key).toBe('c');
    expect(stepFrom(found, 'c', 1)?.key).toBe('a');
    expect(stepFrom(found, 'a', -1)?.key).toBe('c');
    expect(stepFrom([], 'a', 1)).toBeUndefined();
  });
});
