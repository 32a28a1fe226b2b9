// Random ids as text. The system is asked for some thousands of bytes at once, which costs as much as for a few: ids are made
// in each handshake.

import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;

/** So many random bytes, at most 4,096, as base64url. */
export function randomText(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const text = pool.toString('base64url', used, used + bytes);
  // An id that lets somebody in must not be found in memory twice.
  pool.fill(0, used, used + bytes);
  used += bytes;
  return text;
}
