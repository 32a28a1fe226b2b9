// What stands around a message's data in its log: who it is from and its `once`, in the order in which viewers read them.
// Called by the publisher for each publish; knows no message.

import type { Identity, Once, Sender } from '@telltale/protocol';
import type { Channel } from '../channels/definition.ts';

/** The same for all messages of a publish. */
export interface MessageFrame {
  readonly before: string;
  readonly after: string;
}

export interface PublishedBy {
  /** Undefined: the application itself. */
  readonly as: Identity | undefined;
  readonly once: Once | undefined;
}

export function messageFrame({ definition }: Channel, { as, once }: PublishedBy): MessageFrame {
  if (definition.isSingleWriter) return { before: '', after: '}' };
  return {
    before: as === undefined ? '' : `"from":${JSON.stringify(senderOf(as))},`,
    after: once === undefined ? '}' : `,"once":${JSON.stringify(once)}}`,
  };
}

function senderOf({ subject, kind, name }: Identity): Sender {
  return name === undefined ? { subject, kind } : { subject, kind, name };
}
