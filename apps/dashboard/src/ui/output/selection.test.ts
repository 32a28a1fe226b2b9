import { describe, expect, it } from 'vitest';
import type { LineRow, OutputRow } from './rows.ts';
import { linesBetween, rowsBetween, textBetween } from './selection.ts';

const line = (key: string, text: string): LineRow => ({ kind: 'line', key, number: 1, at: 0, text, source: 'out' });
const rows: readonly OutputRow[] = [
  line('a', '\u001B[31merror\u001B[0m: one'),
  { kind: 'note', key: 'n', look: 'gap', title: '2 lines missing', detail: ', at 14:03:07.' },
  { kind: 'fold', key: 'f', count: 3, text: 'same', isUnfolded: false },
  line('b', '10 %\r20 %'),
];

describe('what is selected', () => {
  it('is the text of the lines, whole between the two ends', () => {
    expect(textBetween(rows, { key: 'a', offset: 7 }, { key: 'b', offset: 2 })).toBe(
      'one\n[2 lines missing, at 14:03:07.]\nsame\nsame\nsame\n20',
    );
  });

  it('is the same from its end to its beginning', () => {
    expect(textBetween(rows, { key: 'b', offset: 2 }, { key: 'f', offset: 0 })).toBe('same\nsame\nsame\n20');
    expect(textBetween(rows, { key: 'a', offset: 5 }, { key: 'a', offset: 0 })).toBe('error');
  });

  it('is left to the browser where an end is let go', () => {
    expect(textBetween(rows, { key: 'gone', offset: 0 }, { key: 'b', offset: 0 })).toBeUndefined();
  });
});

describe('what is shared', () => {
  it('is whole rows with text, from whichever end it was selected', () => {
    const shared = { first: 'a', last: 'b', lines: ['error: one', 'same', 'same', 'same', '20 %'] };
    expect(rowsBetween(rows, { key: 'b', offset: 1 }, { key: 'a', offset: 7 })).toEqual(shared);
    expect(rowsBetween(rows, { key: 'n', offset: 0 }, { key: 'n', offset: 0 })).toBeUndefined();
    expect(rowsBetween(rows, { key: 'gone', offset: 0 }, { key: 'b', offset: 0 })).toBeUndefined();
  });

  it('has each line of an unfolded fold once, and is counted as it is shared', () => {
    const [first, , fold] = rows as readonly [LineRow, OutputRow, OutputRow, LineRow];
    const open = { ...fold, isUnfolded: true } as OutputRow;
    const text: OutputRow = { kind: 'text', key: 't', at: 0, text: 'a paragraph', isFirst: true };
    for (const all of [rows, [first, open, line('f1', 'same'), line('f2', 'same')], [text, first]]) {
      const shared = rowsBetween(all, { key: all[0]?.key ?? '', offset: 0 }, { key: all.at(-1)?.key ?? '', offset: 0 });
      expect(linesBetween(all, 0, all.length - 1)).toBe(shared?.lines.length);
    }
    expect(rowsBetween([open, line('f1', 'same')], { key: 'f', offset: 0 }, { key: 'f1', offset: 0 })?.lines).toEqual([
      'same',
    ]);
  });
});
