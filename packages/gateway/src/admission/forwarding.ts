// Signs that somebody passed a request on for another: read by admit.ts, which then takes nobody for a user of this
// machine. What such a header says is believed only of trusted proxies, by address.ts.

import type { UpgradeRequest } from './request.ts';

// Each of them means: somebody passed this on from elsewhere, so "loopback" is not this machine's user.
const forwardingHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-real-ip',
  'x-original-host',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-ray',
];

/** The first header that shows a proxy, or undefined. */
export function forwardingHeader({ headers }: Pick<UpgradeRequest, 'headers'>): string | undefined {
  return forwardingHeaders.find((name) => headers.has(name));
}
