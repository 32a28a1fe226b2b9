// What a gateway says of its options at the start, where they are allowed and still keep people out or cut them off. Called
// by gateway.ts once; decides nothing.

import type { CredentialOptions, GatewayLimits } from './types.ts';

/** nginx, most load balancers and many firewalls drop a line on which nothing passes for so long. */
const idleMs = 60_000;

export interface JudgedOptions {
  readonly mode: 'development' | 'production';
  readonly credentials?: CredentialOptions | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly limits: Pick<GatewayLimits, 'heartbeatMs' | 'pingMs'>;
}

/** One sentence for each: what was found, what was expected, what to do. */
export function optionWarnings({
  mode,
  credentials = {},
  allowedOrigins = [],
  limits,
}: JudgedOptions): readonly string[] {
  const warnings: string[] = [];
  if (mode === 'production') {
    const { secret, issuers, verify } = credentials;
    if (secret === undefined && issuers === undefined && verify === undefined) {
      warnings.push('Nobody can connect: production needs `credentials` with secret, issuers or verify');
    }
    if (allowedOrigins.length === 0) {
      warnings.push('No page can connect: production needs `allowedOrigins`, for example ["https://ops.example.com"]');
    }
  }
  const { heartbeatMs, pingMs } = limits;
  // Either of the two keeps a line from being idle.
  const quietMs = Math.min(heartbeatMs, pingMs);
  if (quietMs >= idleMs) {
    warnings.push(
      `Proxies will cut idle lines: found limits.heartbeatMs ${heartbeatMs} and limits.pingMs ${pingMs}, and most proxies drop a line on which nothing passes for ${idleMs / 1000} s; set one of them below ${idleMs / 2}`,
    );
  }
  return warnings;
}
