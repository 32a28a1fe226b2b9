// What every session of a gateway shares.

import type { Identity } from '@telltale/protocol';
import type { ChannelRegistry } from '../channels/definition.ts';
import type { Clock } from '../clock.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { GatewayEvent, GatewayLimits, GatewayLog, MethodDefinition, SessionLimits } from '../types.ts';
import type { Publisher } from './publisher.ts';

/** What checking a bearer token answers. */
export type BearerAnswer =
  | {
      readonly kind: 'identity';
      readonly identity: Identity;
      readonly sid: string | undefined;
      readonly jti: string | undefined;
    }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string; readonly retry: boolean };

export interface SessionContext {
  readonly mode: 'development' | 'production';
  readonly registry: ChannelRegistry;
  readonly delivery: Delivery;
  readonly publisher: Publisher;
  readonly methods: ReadonlyMap<string, MethodDefinition>;
  readonly limits: GatewayLimits;
  readonly limitsFor: ((identity: Identity) => Partial<SessionLimits>) | undefined;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly authenticate: (token: string) => Promise<BearerAnswer>;
  readonly emit: (event: GatewayEvent) => void;
}

/** Publishes, and calls, of one session that may wait for their answer at once. */
export const mostUnderWay: number = 64;
