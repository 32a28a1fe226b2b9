// Whose word about an address is believed: only a trusted proxy's, and only what it added itself.

import { describe, expect, it } from 'vitest';
import { addressList } from '../settings-table.ts';
import { clientAddress } from './client-address.ts';

describe('the client is', () => {
  it.each([
    ['the peer, where no proxy is trusted', '203.0.113.7', '1.2.3.4', [], '203.0.113.7'],
    ['the peer, where another is trusted', '203.0.113.7', '1.2.3.4', ['10.0.0.1'], '203.0.113.7'],
    ['what the one proxy says', '10.0.0.1', '1.2.3.4', ['10.0.0.1'], '1.2.3.4'],
    [
      'the last that the proxy added, not what the client invented',
      '10.0.0.1',
      '9.9.9.9, 1.2.3.4',
      ['10.0.0.1'],
      '1.2.3.4',
    ],
    ['what the first of two proxies says', '10.0.0.1', '9.9.9.9, 1.2.3.4, 10.0.0.2', ['10.0.0.0/24'], '1.2.3.4'],
    ['the proxy itself, where it says nothing', '10.0.0.1', undefined, ['10.0.0.1'], '10.0.0.1'],
    ['the proxy itself, where it says garbage', '10.0.0.1', 'unknown', ['10.0.0.1'], '10.0.0.1'],
    ['the nearest known one before garbage', '10.0.0.1', 'x, 10.0.0.2', ['10.0.0.0/24'], '10.0.0.2'],
    ['one address, over IPv4 or IPv6', '::ffff:10.0.0.1', '::ffff:1.2.3.4', ['10.0.0.1'], '1.2.3.4'],
    ['an IPv6 address', 'fd00::1', '2001:db8::7', ['fd00::/8'], '2001:db8::7'],
    [
      'found in a hundred hops without going through all',
      '10.0.0.1',
      '10.0.0.1,'.repeat(100),
      ['10.0.0.1'],
      '10.0.0.1',
    ],
  ] as const)('%s', (_case, peer, header, proxies, expected) => {
    expect(clientAddress(peer, header, addressList(proxies))).toBe(expected);
  });
});
