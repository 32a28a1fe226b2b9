import { expect, it } from 'vitest';
import { personName, shownName } from './name.ts';

it('shows a name that would hide or reorder the text beside it for what it is', () => {
  expect(shownName('\u202Enimda')).toBe('\uFFFDnimda');
  expect(shownName('a\nb\u0000c\u2066d')).toBe('a\uFFFDb\uFFFDc\uFFFDd');
});

it('leaves names alone, in every script and with joined signs', () => {
  for (const name of ['Zoë', 'שרה', 'فاطمة', '👩‍💻', '<img onerror>', 'npm exec vitest'])
    expect(shownName(name)).toBe(name);
});

it('shows what would be invisible in the name of somebody who speaks', () => {
  expect(personName('a\u200Bda')).toBe('a\uFFFDda');
  expect(personName('\u200B\u2060')).toBe('\uFFFD\uFFFD');
  expect(personName('ada\uFEFF\u{E0041}')).toBe('ada\uFFFD\uFFFD');
  expect(personName('a\u200Dda')).toBe('a\uFFFDda');
  expect(personName(' ')).toBe('\uFFFD');
  expect(personName('x'.repeat(500))).toHaveLength(65);
  for (const name of ['Zoë', 'فاطمة', '👩‍💻 ops', 'می‌خواهم']) expect(personName(name)).toBe(name);
});
