// The part of a gateway's limits that a client is told, to check what it sends before it sends it.

import type { Limits } from '@telltale/protocol';
import type { GatewayLimits } from '../types.ts';

/** What `welcome` tells a client of them. */
export function publicLimits(limits: GatewayLimits): Limits {
  const { maxFrameBytes, maxMessageBytes, maxDepth, maxSubscriptions } = limits;
  const { framesPerSecond, frameBurst, bytesPerSecond, byteBurst } = limits;
  return {
    maxFrameBytes,
    maxMessageBytes,
    maxDepth,
    maxSubscriptions,
    framesPerSecond,
    frameBurst,
    bytesPerSecond,
    byteBurst,
  };
}
