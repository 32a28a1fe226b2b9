// The hub's channels and endpoints: which there are, what they hold, who may read and write. The one table of them
// as code. Rules answer from memory; agents, files and runs are facts the hub keeps.

import type { MetricsMessage, ProcessRow } from '@telltale/agent/sample';
import type { LogMessage, RunEvent } from '@telltale/agent/run-events';
import {
  type Appended,
  type ChannelDefinition,
  type EndpointDefinition,
  type Prepared,
  type PublishToPrepare,
  stream,
  table,
} from '@telltale/gateway';
import { hasScope, type Identity } from '@telltale/protocol';
import type {
  AgentRow,
  AttemptRates,
  ChatEvent,
  ControlRow,
  EndingRow,
  PresenceRow,
  RefusalRow,
  RoomRow,
  RunRow,
  SessionRow,
  UserFact,
  VitalsRow,
} from './api.ts';
import { chatPost } from './chat/chat-post.ts';
import type { Rooms } from './chat/rooms.ts';
import { logMessage, metricsMessage, processRow, runEvent } from './reported.ts';

/** Facts that rules read. Who changes one calls the gateway's `rightsChanged`. */
export interface ChannelFacts {
  /** Whether an agent of this name exists, `local` included. */
  readonly hasAgent: (agent: string) => boolean;
  /** Whether this agent has told of a log file. */
  readonly hasFile: (agent: string, file: string) => boolean;
  /** Whose run it is; undefined: there is none. */
  readonly agentOf: (run: string) => string | undefined;
  readonly rooms: Pick<Rooms, 'exists' | 'canRead' | 'canWrite'>;
}

/** Who has the last word on what is said in rooms. */
export type PrepareChat = (publish: PublishToPrepare<ChatEvent>) => Prepared<ChatEvent> | Promise<Prepared<ChatEvent>>;

/** Who is told what was reported and said, after it was stored. */
export interface AppendListeners {
  readonly onMetrics: (appended: Appended<MetricsMessage>) => void;
  readonly onRunEvents: (appended: Appended<RunEvent>) => void;
  readonly onChat: (appended: Appended<ChatEvent>) => void;
}

// A type, not an interface: only a type fits where any record of channels is expected.
export type HubChannels = {
  readonly agents: ChannelDefinition<'agents', 'table', AgentRow>;
  readonly agent: ChannelDefinition<'agents/:agent', 'table', AgentRow>;
  readonly vitals: ChannelDefinition<'vitals', 'table', VitalsRow>;
  readonly metrics: ChannelDefinition<'metrics/:agent', 'stream', MetricsMessage>;
  readonly processes: ChannelDefinition<'processes/:agent', 'table', ProcessRow>;
  readonly logs: ChannelDefinition<'logs/:agent/:file', 'stream', LogMessage>;
  readonly control: ChannelDefinition<'control/:agent', 'table', ControlRow>;
  readonly runs: ChannelDefinition<'runs', 'table', RunRow>;
  readonly run: ChannelDefinition<'runs/:run', 'stream', RunEvent>;
  readonly chat: ChannelDefinition<'chat/:room', 'stream', ChatEvent>;
  readonly presence: ChannelDefinition<'presence/:room', 'table', PresenceRow>;
  readonly rooms: ChannelDefinition<'rooms', 'table', RoomRow>;
  readonly user: ChannelDefinition<'user/:id', 'table', UserFact>;
  readonly sessions: ChannelDefinition<'sessions', 'table', SessionRow>;
  readonly refusals: ChannelDefinition<'refusals', 'table', RefusalRow>;
  readonly endings: ChannelDefinition<'endings', 'table', EndingRow>;
  readonly attempts: ChannelDefinition<'attempts', 'stream', AttemptRates>;
};

type Params = Readonly<Record<string, string>>;

/** Whoever looks, signed in or not; an agent reports and looks at nothing. */
const people = (identity: Identity): boolean => identity.kind !== 'agent';
/** Output and log lines can hold what only people of the house may read. */
const viewers = (identity: Identity): boolean => identity.kind === 'user';
const operators = (identity: Identity): boolean => identity.kind === 'user' && hasScope(identity, 'operator');
const thatAgent = (identity: Identity, { agent }: Params): boolean =>
  identity.kind === 'agent' && identity.subject === agent;

/** Declares the channels. */
export function declareChannels(
  facts: ChannelFacts,
  listeners: AppendListeners,
  prepareChat: PrepareChat,
): HubChannels {
  const { rooms } = facts;
  const roomExists = ({ room = '' }: Params): boolean => rooms.exists(room);
  const readsRoom = (identity: Identity, { room = '' }: Params): boolean => rooms.canRead(identity, room);
  const agentExists = ({ agent = '' }: Params): boolean => facts.hasAgent(agent);
  const runsAgent = (identity: Identity, { run = '' }: Params): boolean =>
    thatAgent(identity, { agent: facts.agentOf(run) ?? '' });
  return {
    agents: table<'agents', AgentRow>('agents', { read: people }),
    agent: table<'agents/:agent', AgentRow>('agents/:agent', { read: people, exists: agentExists }),
    // Numbers only, and written by the hub alone: nothing in it is worth guessing at by its compressed length.
    vitals: table<'vitals', VitalsRow>('vitals', { read: people, flushEvery: 5, compress: true }),
    metrics: stream<'metrics/:agent', MetricsMessage>('metrics/:agent', {
      schema: metricsMessage,
      read: people,
      write: thatAgent,
      exists: agentExists,
      retention: { seconds: 900 },
      first: { seconds: 900 },
      stored: true,
      singleWriter: true,
      compress: true,
      onAppended: listeners.onMetrics,
    }),
    processes: table<'processes/:agent', ProcessRow>('processes/:agent', {
      schema: processRow,
      read: people,
      write: thatAgent,
      exists: agentExists,
    }),
    logs: stream<'logs/:agent/:file', LogMessage>('logs/:agent/:file', {
      schema: logMessage,
      read: viewers,
      write: thatAgent,
      exists: ({ agent = '', file = '' }) => facts.hasFile(agent, file),
      first: { last: 500 },
      stored: true,
      singleWriter: true,
    }),
    control: table<'control/:agent', ControlRow>('control/:agent', { read: thatAgent, exists: agentExists }),
    // Three thousand rows at the most, each with texts of a machine's choice.
    runs: table<'runs', RunRow>('runs', { read: viewers, retention: { bytes: 16 * 1024 * 1024 } }),
    run: stream<'runs/:run', RunEvent>('runs/:run', {
      schema: runEvent,
      read: viewers,
      write: runsAgent,
      exists: ({ run = '' }) => facts.agentOf(run) !== undefined,
      first: { last: 500 },
      stored: true,
      singleWriter: true,
      onAppended: listeners.onRunEvents,
    }),
    chat: stream<'chat/:room', ChatEvent>('chat/:room', {
      schema: chatPost,
      read: readsRoom,
      write: (identity, { room }, posts) => rooms.canWrite(identity, room, posts),
      exists: roomExists,
      first: { last: 50 },
      stored: true,
      prepare: prepareChat,
      onAppended: listeners.onChat,
    }),
    presence: table<'presence/:room', PresenceRow>('presence/:room', { read: readsRoom, exists: roomExists }),
    rooms: table<'rooms', RoomRow>('rooms', { read: viewers }),
    user: table<'user/:id', UserFact>('user/:id', {
      read: (identity, { id }) => viewers(identity) && identity.id === id,
    }),
    sessions: table<'sessions', SessionRow>('sessions', {
      read: operators,
      retention: { keys: 20_000, bytes: 32 * 1024 * 1024 },
    }),
    refusals: table<'refusals', RefusalRow>('refusals', { read: operators }),
    endings: table<'endings', EndingRow>('endings', { read: operators }),
    // One a second at the most; a day of them, and a quarter of an hour at first.
    attempts: stream<'attempts', AttemptRates>('attempts', {
      read: operators,
      retention: { count: 86_400, seconds: 86_400, bytes: 16 * 1024 * 1024 },
      first: { seconds: 900 },
    }),
  };
}

/** The endpoints below the prefix, with the word their log lines begin with. */
export function declareEndpoints(filesOf: (agent: string) => readonly string[]): readonly EndpointDefinition[] {
  return [
    { path: '', title: 'Live' },
    {
      path: 'dashboard',
      title: 'Dashboard',
      channels: () => ['agents', 'metrics/local', 'processes/local', 'vitals', 'runs', 'sessions'],
    },
    {
      path: 'chat/:room',
      title: 'Chat',
      channels: (_identity, { room = '' }) => [`chat/${room}`, `presence/${room}`],
    },
    {
      path: 'agents/:agent',
      title: 'Agents',
      channels: (identity, { agent = '' }) =>
        identity.kind === 'agent'
          ? [`control/${agent}`]
          : [
              `agents/${agent}`,
              `metrics/${agent}`,
              `processes/${agent}`,
              ...filesOf(agent).map((file) => `logs/${agent}/${file}`),
            ],
      exclusive: (identity, { agent = '' }) => (thatAgent(identity, { agent }) ? agent : undefined),
    },
  ];
}
