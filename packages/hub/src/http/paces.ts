// How fast one identity may write, or read history, by HTTP. A session has its rates in the gateway; a request has no
// session, so what a program asks for is counted here, by who it is, whichever address it comes from.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from './failure.ts';

export interface Paces {
  /** Counts one request of this many bytes; throws a 429 with the time to wait where that is too much. */
  take(identityId: string, bytes: number): Promise<void>;
}

const seconds = 10;
/** In ten seconds: what a busy backend sends, and a tenth of what would keep the hub from everything else. */
const requests = 1000;
const mostBytes = 2.5 * 1024 * 1024;

/** @param hint what to do where it is too much */
export function createPaces(hint: string): Paces {
  const limiters = [
    { limiter: new RateLimiterMemory({ points: requests, duration: seconds }), what: `${requests} requests` },
    { limiter: new RateLimiterMemory({ points: mostBytes, duration: seconds }), what: '2.5 MiB' },
  ] as const;
  return {
    async take(identityId, bytes) {
      for (const [index, { limiter, what }] of limiters.entries()) {
        try {
          await limiter.consume(identityId, index === 0 ? 1 : bytes);
        } catch (refusal) {
          if (!(refusal instanceof RateLimiterRes)) throw refusal;
          throw new Failure({
            status: 429,
            code: 4429,
            name: 'too-many',
            message: `Found more than ${what} in ${seconds} seconds under this name.`,
            hint,
            retryAfterMs: refusal.msBeforeNext,
          });
        }
      }
    },
  };
}
