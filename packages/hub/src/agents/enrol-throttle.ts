// Slows down guessing of enrolment tokens: ten failures a minute from where one customer sits, then a wait. Only failures
// count, so that a whole rack may enrol at once from behind one address.

import { RateLimiterMemory } from 'rate-limiter-flexible';
import { addressBlock } from '../accounts/login-throttle.ts';

export interface EnrolThrottle {
  /** The milliseconds to wait before the next try from there; undefined: none. */
  waitMs(address: string): Promise<number | undefined>;
  failed(address: string): Promise<void>;
}

const mostFailures = 10;

export function createEnrolThrottle(): EnrolThrottle {
  const failures = new RateLimiterMemory({ points: mostFailures, duration: 60 });
  return {
    async waitMs(address) {
      const found = await failures.get(addressBlock(address));
      return found !== null && found.consumedPoints >= mostFailures ? found.msBeforeNext : undefined;
    },
    async failed(address) {
      await failures.penalty(addressBlock(address), 1);
    },
  };
}
