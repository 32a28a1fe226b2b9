import { expect, it } from 'vitest';
import { sentence } from './sentence.ts';

it.each([
  ['the connection broke', 'The connection broke.'],
  ['An operator ended this session.', 'An operator ended this session.'],
  ['  ', ''],
])('makes %j into %j', (text, said) => {
  expect(sentence(text)).toBe(said);
});
