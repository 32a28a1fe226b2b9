// The hub's channels and endpoints: which there are, what they hold, who may read and write. The one table of them
// as code. Rules answer from memory; the set of agents is a fact the hub keeps.

import type { ProcessRow, Sample } from '@telltale/agent/sample';
import { type ChannelDefinition, type EndpointDefinition, stream, table } from '@telltale/gateway';
import { hasScope, type Identity } from '@telltale/protocol';
import { z } from 'zod';
import type { AgentRow, ChatMessage, SessionRow } from './api.ts';

/** Facts that rules read. Who changes one calls the gateway's `rightsChanged`. */
export interface ChannelFacts {
  /** Names of agents that exist. */
  readonly agents: ReadonlySet<string>;
}

// A type, not an interface: only a type fits where any record of channels is expected.
export type HubChannels = {
  readonly agents: ChannelDefinition<'agents', 'table', AgentRow>;
  readonly metrics: ChannelDefinition<'metrics/:agent', 'stream', Sample>;
  readonly processes: ChannelDefinition<'processes/:agent', 'table', ProcessRow>;
  readonly chat: ChannelDefinition<'chat/:room', 'stream', ChatMessage>;
  readonly sessions: ChannelDefinition<'sessions', 'table', SessionRow>;
};

const anybody = (): boolean => true;
const operators = (identity: Identity): boolean => hasScope(identity, 'operator');
const thatAgent = (identity: Identity, { agent }: { readonly agent: string }): boolean =>
  identity.kind === 'agent' && identity.subject === agent;

const chatMessage = z.strictObject({ text: z.string().trim().min(1).max(4000) });
const rooms: ReadonlySet<string> = new Set(['general']);

/** Declares the channels. Viewers are everybody whom admission let in. */
export function declareChannels(facts: ChannelFacts): HubChannels {
  const agentExists = (params: Readonly<Record<string, string>>): boolean => facts.agents.has(params['agent'] ?? '');
  return {
    agents: table<'agents', AgentRow>('agents', { read: anybody }),
    metrics: stream<'metrics/:agent', Sample>('metrics/:agent', {
      read: anybody,
      write: thatAgent,
      exists: agentExists,
      retention: { seconds: 900 },
      first: { seconds: 900 },
    }),
    processes: table<'processes/:agent', ProcessRow>('processes/:agent', {
      read: anybody,
      write: thatAgent,
      exists: agentExists,
    }),
    chat: stream<'chat/:room', ChatMessage>('chat/:room', {
      schema: chatMessage,
      read: anybody,
      write: (identity) => identity.kind !== 'anonymous',
      exists: ({ room = '' }) => rooms.has(room),
      first: { last: 50 },
    }),
    sessions: table<'sessions', SessionRow>('sessions', { read: operators }),
  };
}

/** The endpoints below the prefix, with the word their log lines begin with. */
export const endpoints: readonly EndpointDefinition[] = [
  { path: '', title: 'Live' },
  {
    path: 'dashboard',
    title: 'Dashboard',
    channels: () => ['agents', 'metrics/local', 'processes/local', 'sessions'],
  },
  { path: 'chat/:room', title: 'Chat', channels: (_identity, { room = '' }) => [`chat/${room}`] },
  {
    path: 'agents/:agent',
    title: 'Agents',
    channels: (_identity, { agent = '' }) => [`metrics/${agent}`, `processes/${agent}`],
    exclusive: (identity, { agent = '' }) => (thatAgent(identity, { agent }) ? agent : undefined),
  },
];
