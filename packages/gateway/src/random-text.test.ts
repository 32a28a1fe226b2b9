import { expect, it } from 'vitest';
import { randomText } from './random-text.ts';

it('makes ids of the asked length, each another, also where the pool is filled anew', () => {
  const made = Array.from({ length: 2000 }, (_, index) => randomText(index % 2 === 0 ? 12 : 16));
  expect(new Set(made).size).toBe(made.length);
  expect(made.filter((text) => /^[\w-]{16}$/.test(text))).toHaveLength(1000);
  expect(made.filter((text) => /^[\w-]{22}$/.test(text))).toHaveLength(1000);
  // Every bit is used: over so many, each place has many characters.
  for (let place = 0; place < 16; place++) expect(new Set(made.map((text) => text[place])).size).toBeGreaterThan(50);
});
