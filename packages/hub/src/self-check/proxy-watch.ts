// Notices that requests come through a proxy that no setting names, so that everybody behind it counts as one address.
// Fed by the gateway's attempts and by HTTP requests; says it once of each address, of so many.

import type { IncomingMessage } from 'node:http';
import type { GatewayEvent, GatewayLog } from '@telltale/gateway';
import { type BlockList, isIP } from 'node:net';
import { plainAddress } from '../http/client-address.ts';

/** What only proxies add; `Via` is also a browser's own forward proxy, and says nothing of us. */
const headers = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-forwarded-proto', 'x-forwarded-host'];

/** Addresses that are told of. A stranger who makes up such headers takes one place, the proxy has another. */
const mostPeers = 16;

export interface ProxyWatch {
  onEvent(event: GatewayEvent): void;
  onRequest(request: Pick<IncomingMessage, 'headers' | 'socket'>): void;
}

export interface ProxyWatchOptions {
  /** As TELLTALE_TRUSTED_PROXIES says, and as a list to ask. */
  readonly trustedProxies: readonly string[];
  readonly proxies: BlockList;
  readonly log: Pick<GatewayLog, 'warn'>;
}

export function createProxyWatch({ trustedProxies, proxies, log }: ProxyWatchOptions): ProxyWatch {
  const told = new Set<string>();
  const tell = (peer: string): void => {
    if (told.has(peer) || told.size === mostPeers) return;
    told.add(peer);
    const setting = `TELLTALE_TRUSTED_PROXIES=${[...trustedProxies, peer].join(',')}`;
    log.warn(
      { peer, setting },
      `Requests are passed on by ${peer}, which TELLTALE_TRUSTED_PROXIES does not name: everybody behind it counts as one address, in limits and on the screen; if it is your proxy, set ${setting}, if it is not, somebody makes up such headers and nothing needs doing`,
    );
  };
  return {
    onEvent(event) {
      if (event.type === 'attempt' && event.attempt.untrustedProxy !== undefined) tell(event.attempt.untrustedProxy);
    },
    onRequest({ headers: given, socket }) {
      if (!headers.some((name) => given[name] !== undefined)) return;
      const peer = plainAddress(socket.remoteAddress ?? '');
      const family = isIP(peer);
      if (family === 0 || proxies.check(peer, family === 4 ? 'ipv4' : 'ipv6')) return;
      tell(peer);
    },
  };
}
