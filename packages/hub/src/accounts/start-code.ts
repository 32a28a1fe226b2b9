// The one-time code of a development start: `/#start=<code>` signs the first person in as administrator. Single use,
// ten minutes, held only in memory and only as a hash.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const startCodeMs: number = 10 * 60_000;

export interface StartCode {
  /** For the link; shown once on the terminal, never logged. */
  readonly code: string;
  /** Spends the code: true the first time it is presented in time, false ever after. */
  spend(presented: string): boolean;
}

export function createStartCode(now: () => number = () => performance.now()): StartCode {
  const code = randomBytes(24).toString('base64url');
  const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expires = now() + startCodeMs;
  let hash: Buffer | undefined = hashOf(code);
  return {
    code,
    spend(presented) {
      if (hash === undefined || now() > expires || !timingSafeEqual(hash, hashOf(presented))) return false;
      hash = undefined;
      return true;
    },
  };
}
