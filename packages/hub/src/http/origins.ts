// Which page a request comes from, and what that page may do: hosts we answer to, CORS, and the rule against forged
// requests. Plain values in, verdicts out (DESIGN 3.3, 3.6).

import type { IncomingHttpHeaders } from 'node:http';
import type { Settings } from '../settings.ts';
import { isLoopbackHost, isOrigin } from '../settings-table.ts';

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
      return isLoopbackHost(name) || configuredHosts.has(name);
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
