// Which broker a gateway has: the application's own, else one in the memory of this process, with a store where one is
// given. Misuse is thrown here, at the start.

import type { Broker } from './broker/broker.ts';
import { MemoryBroker } from './broker/memory-broker.ts';
import { StoredBroker } from './broker/stored-broker.ts';
import type { ChannelRegistry } from './channels/definition.ts';
import type { Clock } from './clock.ts';
import type { GatewayLog, GatewayOptions } from './types.ts';

export interface BrokerNeeds {
  readonly options: Pick<GatewayOptions, 'broker' | 'store'>;
  readonly registry: ChannelRegistry;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly logBytes: number;
}

/** Throws `ERR_TELLTALE_STORE` where channels, broker and store do not fit together. */
export function gatewayBroker({ options, registry, clock, log, logBytes }: BrokerNeeds): Broker {
  const { broker, store } = options;
  if (store !== undefined && broker !== undefined) {
    throw misuse('found `store` beside `broker`, expected one of the two: a broker of your own keeps what it is given');
  }
  const stored = registry.definitions.filter(({ isStored }) => isStored).map(({ pattern }) => `"${pattern}"`);
  if (store === undefined && stored.length > 0) {
    throw misuse(`found no \`store\`, expected one for the channels declared \`stored\`: ${stored.join(', ')}`);
  }
  if (store === undefined) return broker ?? new MemoryBroker({ clock, logBytes });
  return new StoredBroker({ clock, logBytes, store, log });
}

function misuse(message: string): TypeError & { code: string } {
  return Object.assign(new TypeError(message), { code: 'ERR_TELLTALE_STORE' });
}
