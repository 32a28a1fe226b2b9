// Which pages may connect. Origins are compared as the exact text a browser sends, never parsed: parsing maps many
// foreign texts to an allowed one. Pure; called by admit.ts, by upgrade/ for CORS, and at start for the settings.

import { isIP } from 'node:net';

const loopbackOrigin =
  /^https?:\/\/(?:localhost|[a-z0-9-]{1,63}\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/;
const ipOrigin = /^https?:\/\/(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])(?::\d{1,5})?$/;

/** Whether an origin is a page served by this machine: localhost, 127.0.0.0/8 or [::1], any port. */
export function isLoopbackOrigin(origin: string): boolean {
  return loopbackOrigin.test(origin) && hasValidPort(origin);
}

/** Whether an origin is an address literal of a private network: such a page was opened by address, not by a foreign name. */
export function isPrivateOrigin(origin: string): boolean {
  const literal = ipOrigin.exec(origin)?.[1];
  return literal !== undefined && hasValidPort(origin) && isPrivateAddress(literal.replace(/^\[|\]$/g, ''));
}

function hasValidPort(origin: string): boolean {
  const port = /:(\d+)$/.exec(origin)?.[1];
  return port === undefined || Number(port) <= 65_535;
}

/** Whether an address literal is of a private or link-local network (RFC 1918, RFC 4193, RFC 3927, RFC 4291). */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) {
    const [one, two] = address.split('.').map(Number) as [number, number];
    return (
      one === 10 ||
      (one === 172 && two >= 16 && two <= 31) ||
      (one === 192 && two === 168) ||
      (one === 169 && two === 254)
    );
  }
  return isIP(address) === 6 && /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i.test(address);
}

/** Whether a host, without port, is this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost');
}

/** The host of a `Host` header without its port; undefined if it is malformed. */
export function hostName(header: string): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.exec(header)?.[1];
}

/**
 * Says what is wrong with a list of allowed origins: every entry that no browser could ever send, each with what was
 * found and what to write instead. An empty answer means all can match.
 */
export function validateAllowedOrigins(origins: readonly string[]): readonly string[] {
  return origins.flatMap((origin) => {
    const fault = originFault(origin);
    return fault === undefined ? [] : [`allowed origin ${JSON.stringify(origin)}: ${fault}`];
  });
}

function originFault(origin: string): string | undefined {
  const example = 'expected what a browser sends, for example https://ops.example.com';
  if (origin.includes('*')) return `a wildcard matches nothing here; list each origin, ${example}`;
  if (origin === 'null') return `"null" is sent by any sandboxed page and cannot be allowed; ${example}`;
  if (!URL.canParse(origin)) return `this is no origin; ${example}`;
  const url = new URL(origin);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+$/.test(origin) ? undefined : `this is no origin; ${example}`;
  }
  if (url.origin === origin) return undefined;
  if (url.username !== '' || url.password !== '') return `an origin has no user name; write ${url.origin}`;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return `an origin has no path; write ${url.origin}`;
  if (origin.endsWith('/')) return `an origin has no slash at its end; write ${url.origin}`;
  if (/:(?:80|443)$/.test(origin) && url.port === '') return `browsers leave out the default port; write ${url.origin}`;
  if (origin.toLowerCase() === url.origin) return `browsers send lower case; write ${url.origin}`;
  return `browsers send it in another form; write ${url.origin}`;
}
