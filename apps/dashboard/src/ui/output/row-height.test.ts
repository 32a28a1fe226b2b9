import { expect, it } from 'vitest';
import { columnsIn, estimatedHeight, isSurelyOneLine, lineHeight } from './row-height.ts';
import type { LineRow, OutputRow } from './rows.ts';

const line = (text: string): LineRow => ({ kind: 'line', key: 'a', number: 1, at: 0, text, source: 'out' });
const note: OutputRow = { kind: 'note', key: 'n', look: 'gap', title: '', detail: '' };

it('knows the height of what surely fits, and of nothing else', () => {
  const width = 800;
  const fits = 'x'.repeat(columnsIn(width));
  expect(isSurelyOneLine(line(fits), true, width)).toBe(true);
  expect(isSurelyOneLine(line(`\u001B[31m${fits.slice(10)}`), true, width)).toBe(true);
  for (const text of [`${fits}x`, 'a\tb', '日本語', 'user\u202E', 'bell\u0007']) {
    expect(isSurelyOneLine(line(text), true, width), text).toBe(false);
    expect(isSurelyOneLine(line(text), false, width), text).toBe(true);
  }
  expect(isSurelyOneLine(note, false, width)).toBe(false);
});

it('guesses the height of what is wrapped, and of a line that is cut', () => {
  expect(estimatedHeight(line('x'.repeat(250)), 100)).toBe(3 * lineHeight);
  expect(estimatedHeight(line(''), 100)).toBe(lineHeight);
  expect(estimatedHeight(line(`${'x'.repeat(500)}\r60 %`), 100)).toBe(lineHeight);
  expect(estimatedHeight(line('60 %\r'), 100)).toBe(lineHeight);
  expect(estimatedHeight(line('x'.repeat(1_000_000)), 100)).toBe(40 * lineHeight);
  expect(estimatedHeight(line('x'.repeat(250)), undefined)).toBe(lineHeight);
  expect(estimatedHeight(note, 100)).toBeGreaterThan(lineHeight);
});
