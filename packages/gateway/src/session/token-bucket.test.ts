import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

it('[SES5] gives a burst at once, then the rate, and never saves up more than the burst', () => {
  const bucket = new TokenBucket(10, 5, 0);
  for (let n = 0; n < 5; n++) expect(bucket.take(1, 0)).toBe(0);
  expect(bucket.take(1, 0)).toBe(100);
  expect(bucket.take(1, 50)).toBe(50);
  expect(bucket.take(1, 100)).toBe(0);
  expect(bucket.take(5, 1_000_000)).toBe(0);
  expect(bucket.take(1, 1_000_000)).toBe(100);
});
