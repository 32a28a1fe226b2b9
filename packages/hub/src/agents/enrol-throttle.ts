// Slows down guessing of enrolment tokens: ten failures a minute from where one customer sits, then a wait.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { addressBlock } from '../accounts/login-throttle.ts';

export interface EnrolThrottle {
  /** Takes one try; the milliseconds to wait if there is none left. */
  take(address: string): Promise<number | undefined>;
  /** Gives the try back: what was wrong was no guess. */
  giveBack(address: string): Promise<void>;
}

export function createEnrolThrottle(): EnrolThrottle {
  const failures = new RateLimiterMemory({ points: 10, duration: 60 });
  return {
    async take(address) {
      try {
        await failures.consume(addressBlock(address));
        return undefined;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
        throw refusal;
      }
    },
    async giveBack(address) {
      await failures.reward(addressBlock(address));
    },
  };
}
