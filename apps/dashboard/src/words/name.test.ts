import { expect, it } from 'vitest';
import { shownName } from './name.ts';

it('shows a name that would hide or reorder the text beside it for what it is', () => {
  expect(shownName('\u202Enimda')).toBe('\uFFFDnimda');
  expect(shownName('a\nb\u0000c\u2066d')).toBe('a\uFFFDb\uFFFDc\uFFFDd');
});

it('leaves names alone, in every script and with joined signs', () => {
  for (const name of ['Zoë', 'שרה', 'فاطمة', '👩‍💻', '<img onerror>', 'npm exec vitest'])
    expect(shownName(name)).toBe(name);
});
