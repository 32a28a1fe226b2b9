// Which page a request comes from, and what that page may do: hosts we answer to, CORS, and the rule against forged
// requests. Plain values in, verdicts out.

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { Settings } from '../settings.ts';
import { addressList, isLoopbackHost, isOrigin } from '../settings-table.ts';

export interface Origins {
  /** Whether the hub answers to this `Host` header at all: in development only loopback and configured names. */
  answersTo(host: string | undefined): boolean;
  /** Whether an `Origin` is the hub's own page. */
  isOwn(origin: string | undefined, host: string | undefined): boolean;
  /** Whether a page of this origin may use the API by CORS, and may change anything. */
  isAllowed(origin: string, host: string | undefined): boolean;
  /** `ws:` address of the own host for the content security policy; empty if the host is not a plain one. */
  socketSource(host: string | undefined): string;
  /** Whether people reach the hub by https. */
  readonly secure: boolean;
}

// RFC 1918, 3927, 4193, 4291: who is there is on the same network. The gateway judges sockets by the same ranges.
const privateNetworks = addressList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);

function isPrivateLiteral(name: string): boolean {
  const address = name.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family !== 0 && privateNetworks.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** The name in a `Host` header, without its port. */
export function hostName(host: string): string {
  return host.replace(/:\d+$/, '');
}

const plainHost = /^([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/;

export function createOrigins(settings: Pick<Settings, 'mode' | 'host' | 'allowedOrigins'>): Origins {
  const { mode, allowedOrigins } = settings;
  const development = mode === 'development';
  const allowed = new Set(allowedOrigins);
  const first = allowedOrigins[0];
  const configuredHosts = new Set([settings.host, ...allowedOrigins.map((origin) => new URL(origin).hostname)]);
  const isOwn: Origins['isOwn'] = (origin, host) => {
    if (origin === undefined) return false;
    if (development) return origin === `http://${host}` || origin === first;
    // A hub with several names is itself under each that is allowed.
    return origin === first || (allowed.has(origin) && host !== undefined && new URL(origin).host === host);
  };
  return {
    secure: !development && first !== undefined && first.startsWith('https:'),
    answersTo(host) {
      if (!development) return true;
      if (host === undefined || !plainHost.test(host)) return false;
      const name = hostName(host);
      if (isLoopbackHost(name) || configuredHosts.has(name)) return true;
      // Listening beyond loopback was asked for; an address, unlike a name, cannot be made to point here.
      return !isLoopbackHost(settings.host) && isPrivateLiteral(name);
    },
    isOwn,
    isAllowed(origin, host) {
      if (isOwn(origin, host) || allowed.has(origin)) return true;
      return development && isOrigin(origin) && isLoopbackHost(new URL(origin).hostname);
    },
    socketSource(host) {
      if (!development && first !== undefined) return first.replace(/^http/, 'ws');
      return host !== undefined && plainHost.test(host) ? `ws://${host}` : '';
    },
  };
}

/** Why a state-changing request may not proceed; undefined if it may. */
export function forgery(
  headers: IncomingHttpHeaders,
  origins: Origins,
  byCookie: 'by-cookie' | 'otherwise',
): 'origin-not-allowed' | 'origin-missing' | undefined {
  const { origin, host } = headers;
  if (origin === undefined) {
    const site = headers['sec-fetch-site'];
    if (byCookie === 'by-cookie' || site === 'cross-site' || site === 'same-site') return 'origin-missing';
    return undefined;
  }
  const fine = byCookie === 'by-cookie' ? origins.isOwn(origin, host) : origins.isAllowed(origin, host);
  return fine ? undefined : 'origin-not-allowed';
}
