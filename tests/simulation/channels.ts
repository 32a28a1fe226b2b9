// The channels of the simulated gateway, and what each of them promises, said once more for the checker: so little is
// kept that everything runs over, and each bound of a log is that of one channel.

import { type GatewayOptions, stream, table } from '@telltale/gateway';

const everybody = (): boolean => true;
const operators = ({ scope }: { readonly scope: string }): boolean => scope !== 'viewer';

export const channels = {
  counted: stream('counted', { read: everybody, retention: { count: 40 } }),
  aged: stream('aged', { read: everybody, retention: { seconds: 15 } }),
  slow: stream('slow', { read: everybody, flushEvery: 5 }),
  rows: table('rows', { read: everybody, retention: { keys: 8 } }),
  /** Of so few bytes that removals are forgotten. */
  small: table('small', { read: everybody, retention: { bytes: 4000 } }),
  secret: stream('secret', { read: operators }),
  safe: table('safe', { read: operators }),
  votes: stream('votes', { read: everybody, write: everybody }),
  ledger: stream('ledger', { read: everybody, write: operators, retention: { count: 60 }, stored: true }),
} satisfies GatewayOptions['channels'];

export type ChannelName = keyof typeof channels;
export const channelNames = Object.keys(channels) as ChannelName[];

/** What the application alone publishes to. */
export const streams = ['counted', 'aged', 'slow', 'secret'] as const satisfies ChannelName[];
export const tables = ['rows', 'small', 'safe'] as const satisfies ChannelName[];
/** What people publish to. */
export const written = ['votes', 'ledger'] as const satisfies ChannelName[];
/** What only operators read. */
export const restricted: readonly string[] = ['secret', 'safe'];

export type TableName = (typeof tables)[number];
export type Scope = 'viewer' | 'operator';

export function isTable(channel: string): channel is TableName {
  return (tables as readonly string[]).includes(channel);
}

export function mayRead(scope: Scope, channel: string): boolean {
  return scope === 'operator' || !restricted.includes(channel);
}

/** Who asks for a channel at this endpoint gets it without a word. */
export const endpointChannels: readonly ChannelName[] = ['rows', 'counted'];
