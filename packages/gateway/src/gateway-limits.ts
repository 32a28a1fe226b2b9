// What a gateway takes on unless told otherwise.

import { defaultLimits } from '@telltale/protocol';
import { checkLimits } from './session/session-limits.ts';
import type { GatewayLimits } from './types.ts';

export const defaultGatewayLimits: GatewayLimits = {
  ...defaultLimits,
  maxSessions: 20_000,
  maxSessionsPerIdentity: 100,
  maxSessionsPerAddress: 1000,
  admissionsPerSecond: 1000,
  explainedRefusals: 10,
  openRefusals: 200,
  admissionMs: 5000,
  heartbeatMs: 10_000,
  pingMs: 25_000,
  pongMs: 10_000,
  logBytes: 256 * 1024 * 1024,
  stalledMs: 30_000,
};

/** Joins given limits with the defaults; throws `ERR_TELLTALE_LIMITS` naming every value that cannot be one. */
export function gatewayLimits(given: Partial<GatewayLimits> = {}): GatewayLimits {
  checkLimits('limits', given, defaultGatewayLimits);
  return { ...defaultGatewayLimits, ...given };
}
