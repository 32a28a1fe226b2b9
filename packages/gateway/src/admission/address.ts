// Whose address counts: the socket's, or behind trusted proxies the right-most one they did not write themselves.
// Called by upgrade/ once per request; what an untrusted peer claims in X-Forwarded-For is never believed.

import { BlockList, isIP } from 'node:net';

/** Whose address counts, and who passed the request on. */
export interface Origination {
  readonly address: string;
  /** Trusted proxies between the client and us, nearest last. */
  readonly proxies: readonly string[];
  /** Whether the peer itself is a trusted proxy. */
  readonly isByProxy: boolean;
}

/** Finds the client's address from the socket's and the values of `X-Forwarded-For`. */
export type AddressOf = (socketAddress: string, forwardedFor: readonly string[]) => Origination;

/** Builds the lookup for a list of addresses and CIDR ranges; throws on an entry that is neither. */
export function createAddressOf(trustedProxies: readonly string[] = []): AddressOf {
  const trusted = new BlockList();
  for (const entry of trustedProxies) addEntry(trusted, entry);
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return (socketAddress, forwardedFor) => {
    let address = plainAddress(socketAddress) ?? 'unknown';
    if (address === 'unknown' || trustedProxies.length === 0) return { address, proxies: direct, isByProxy: false };
    const hops = forwardedFor.flatMap((value) => value.split(','));
    const proxies: string[] = [];
    const isByProxy = isTrusted(address);
    while (isTrusted(address)) {
      const next = plainAddress(hops.pop() ?? '');
      if (next === undefined) break;
      proxies.unshift(address);
      address = next;
    }
    return { address, proxies, isByProxy };
  };
}

const direct: readonly string[] = [];

function addEntry(list: BlockList, entry: string): void {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  const width = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (family === 0 || rest.length > 0 || prefix < 0 || prefix > width) {
    throw Object.assign(
      new TypeError(`trusted proxy ${JSON.stringify(entry)}: expected an address or range such as 10.0.0.0/8`),
      { code: 'ERR_TELLTALE_TRUSTED_PROXY' },
    );
  }
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
}

/** An address without port, brackets, zone or IPv4-mapping; undefined if it is none. */
function plainAddress(text: string): string | undefined {
  let address = text.trim();
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) address = bracketed;
  else if (/^[\d.]+:\d+$/.test(address)) address = address.slice(0, address.indexOf(':'));
  address = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}

/** What limits per address count by: an IPv4 address itself, of IPv6 the network of 64 bits one customer has. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
