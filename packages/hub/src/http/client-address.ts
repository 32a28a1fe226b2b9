// Whose request it is by address: the peer, or what a trusted proxy says. Nobody else is believed.

import { type BlockList, isIP } from 'node:net';

/** An IPv4 address that arrived over IPv6 is that IPv4 address. */
export function plainAddress(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  return mapped ?? address;
}

function isTrusted(address: string, proxies: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && proxies.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * The client's address: from the right of `X-Forwarded-For`, the first that is not a trusted proxy. The header counts
 * only if the peer itself is one; what a proxy did not add is the client's own invention.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, proxies: BlockList): string {
  let address = plainAddress(peer);
  const hops = (forwardedFor ?? '').split(',').slice(-32);
  while (isTrusted(address, proxies)) {
    const hop = plainAddress((hops.pop() ?? '').trim());
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}
