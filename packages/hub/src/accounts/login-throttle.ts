// Slows down guessing without locking anybody out: strangers share a budget per account and per address, while a device
// or address that signed in before has its own, which strangers' failures never touch.

import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface LoginThrottle {
  /** Takes one try; the milliseconds to wait if there is none left. `source` names a known device or address. */
  take(ask: { username: string; address: string; source: string | undefined }): Promise<number | undefined>;
  /** Gives the try back after a success. */
  succeeded(ask: { username: string; address: string; source: string | undefined }): Promise<void>;
}

/** The part of an address one customer holds: all of IPv4, the /64 of IPv6. */
export function addressBlock(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const parts = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  if (tail !== undefined) while (parts.length + rest < 8) parts.push('0');
  while (parts.length < 4) parts.push('0');
  return `${parts.slice(0, 4).join(':')}::/64`;
}

export function createLoginThrottle(): LoginThrottle {
  const perAccount = new RateLimiterMemory({ points: 10, duration: 60, blockDuration: 60 });
  const perAddress = new RateLimiterMemory({ points: 20, duration: 60 });
  const perKnown = new RateLimiterMemory({ points: 10, duration: 60 });

  const consume = async (limiter: RateLimiterMemory, key: string): Promise<number | undefined> => {
    try {
      await limiter.consume(key);
      return undefined;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
      throw refusal;
    }
  };

  return {
    async take({ username, address, source }) {
      if (source !== undefined) return await consume(perKnown, `${username} ${source}`);
      // The address first: one that has used up its own tries must not use up the account's as well.
      return (await consume(perAddress, addressBlock(address))) ?? (await consume(perAccount, username));
    },
    async succeeded({ username, address, source }) {
      if (source !== undefined) {
        await perKnown.delete(`${username} ${source}`);
        return;
      }
      await perAddress.reward(addressBlock(address));
      await perAccount.reward(username);
    },
  };
}
