// What one session may send and hold: the gateway's limits, or those the application has for who connected. A client is
// told them in `welcome`, to check what it sends before it sends it.

import type { Limits } from '@telltale/protocol';
import type { GatewayLimits, SessionLimits } from '../types.ts';

/** One object for all who have no limits of their own. */
const common = new WeakMap<GatewayLimits, Limits>();

/** The limits of a session. Throws `ERR_TELLTALE_LIMITS` on values of the application that cannot be limits. */
export function sessionLimits(limits: GatewayLimits, own: Partial<SessionLimits> = {}): Limits {
  if (Object.keys(own).length > 0) return joined(limits, own);
  const shared = common.get(limits) ?? joined(limits, {});
  common.set(limits, shared);
  return shared;
}

function joined(limits: GatewayLimits, own: Partial<SessionLimits>): Limits {
  const { maxDepth, maxSubscriptions, framesPerSecond, frameBurst, bytesPerSecond, byteBurst } = limits;
  const settable: SessionLimits = {
    maxDepth,
    maxSubscriptions,
    framesPerSecond,
    frameBurst,
    bytesPerSecond,
    byteBurst,
  };
  checkLimits('limitsFor', own, settable);
  const { maxFrameBytes, maxMessageBytes } = limits;
  return { maxFrameBytes, maxMessageBytes, ...settable, ...own };
}

/** Throws `ERR_TELLTALE_LIMITS` that names every given value which is no limit. */
export function checkLimits(where: string, given: object, known: object): void {
  const faults = Object.entries(given)
    .filter(([name, value]) => !(name in known) || !Number.isFinite(value) || (value as number) <= 0)
    .map(([name, value]) => {
      const expected = name in known ? 'a number above 0' : `one of ${Object.keys(known).join(', ')}`;
      return `${where}.${name}: found ${String(value)}, expected ${expected}`;
    });
  if (faults.length > 0) throw Object.assign(new TypeError(faults.join('\n')), { code: 'ERR_TELLTALE_LIMITS' });
}
