// The headers every answer carries, errors and files included. Set on the raw response before anybody routes, so no
// answer can be without them.

import { isLoopbackHost } from '../settings-table.ts';
import { hostName, type Origins } from './origins.ts';

/** The headers of every answer, by lower-case name. */
export function securityHeaders(origins: Origins, host: string | undefined): Readonly<Record<string, string>> {
  const connect = ["'self'", origins.socketSource(host)].filter((source) => source !== '').join(' ');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${connect}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ].join('; ');
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    // Browsers know it only where a page came by TLS or from this machine, and complain of it elsewhere.
    ...(origins.secure || host === undefined || isLoopbackHost(hostName(host))
      ? { 'cross-origin-opener-policy': 'same-origin' }
      : {}),
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': 'no-store',
    ...(origins.secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}
