// How registered channels type the hooks. An application declares once, beside its channels:
// `declare module '@telltale/client' { interface Register { channels: typeof channels } }`.

import type { ChannelKind, ChannelNames, MessageOf } from '@telltale/protocol';
import type { Register } from '../types.ts';

/** The names of registered channels of a kind; any text where nothing is registered. */
export type RegisteredName<Kind extends ChannelKind, Registered = Register> = Registered extends {
  readonly channels: infer Channels;
}
  ? ChannelNames<Channels, Kind>
  : string;

/** What a message of a channel holds; `unknown` where nothing is registered. */
export type RegisteredData<Channel extends string, Registered = Register> = Registered extends {
  readonly channels: infer Channels;
}
  ? MessageOf<Channels, Channel>
  : unknown;

/** Any text, but only where nothing is registered. */
export type UnregisteredName<Registered = Register> = Registered extends { readonly channels: unknown }
  ? never
  : string;
