// A hub as an agent sees it, without accounts: the real gateway on a real port, with stored channels whose store outlives
// it, a credential check that a test can change its mind about, and lines that a test can cut.

import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ChannelShapes, Limits, RefusalName } from '@telltale/protocol';
import { stream, table } from '../../../gateway/src/channels/definition.ts';
import { createGateway } from '../../../gateway/src/gateway.ts';
import { MemoryStore } from '../../../gateway/src/testing/memory-store.ts';
import type { Gateway, GatewayEvent, MethodDefinition } from '../../../gateway/src/types.ts';
import { logMessage } from '../../../hub/src/reported.ts';
import type { Place } from '../place.ts';

export interface HubDouble extends AsyncDisposable {
  /** What an agent called `web-1` needs to connect. */
  readonly place: Pick<Place, 'hub' | 'machine' | 'credential' | 'agent'>;
  readonly store: MemoryStore;
  readonly events: GatewayEvent[];
  readonly gateway: Gateway;
  /** Refuses whoever comes, for this reason. */
  refusal: RefusalName | undefined;
  limits: Partial<Limits>;
  /** Data of all messages that are stored in a channel. */
  stored(channel: string): unknown[];
  /** Ends every connection without a word. */
  cut(): void;
  /** As after a kill -9: the port is closed, the store is as it was. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startHubDouble(
  options: { methods?: Readonly<Record<string, MethodDefinition>>; hasFile?: (file: string) => boolean } = {},
): Promise<HubDouble> {
  const store = new MemoryStore();
  const events: GatewayEvent[] = [];
  const sockets = new Set<Socket>();
  let port = 0;
  let gateway: Gateway;
  let server: Server;
  const anybody = (): boolean => true;
  const stored = { read: anybody, write: anybody, stored: true, singleWriter: true } as const;
  const channels = {
    metrics: stream('metrics/:agent', stored),
    logs: stream('logs/:agent/:file', {
      ...stored,
      exists: ({ file = '' }) => options.hasFile?.(file) ?? true,
      schema: logMessage,
    }),
    runs: stream('runs/:run', stored),
    processes: table('processes/:agent', { read: anybody, write: anybody }),
    control: table('control/:agent', { read: anybody }),
  };
  const hub: HubDouble = {
    store,
    events,
    refusal: undefined,
    limits: {},
    get gateway() {
      return gateway;
    },
    get place() {
      const hubUrl = `http://127.0.0.1:${port}`;
      return { hub: hubUrl, agent: 'web-1', machine: 'm'.repeat(43), credential: 'a-credential' };
    },
    stored: (channel) => store.contents(channel).map((text) => (JSON.parse(text) as { data: unknown }).data),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async start() {
      gateway = createGateway({
        channels: channels as ChannelShapes,
        endpoints: [
          { path: '', title: 'Live' },
          {
            path: 'agents/:agent',
            title: 'Agents',
            channels: (_identity, { agent = '' }) => [`control/${agent}`],
            exclusive: (_identity, { agent }) => agent,
          },
        ],
        ...(options.methods === undefined ? {} : { methods: options.methods }),
        credentials: {
          verify: () =>
            hub.refusal === undefined
              ? { kind: 'identity', issuer: 'test', subject: 'web-1', identityKind: 'agent' }
              : { kind: 'refused', name: hub.refusal },
        },
        limitsFor: () => hub.limits,
        limits: { framesPerSecond: 1000, frameBurst: 2000, bytesPerSecond: 8e6, byteBurst: 16e6 },
        store,
        onEvent: (event) => events.push(event),
      }) as Gateway;
      server = createServer();
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      gateway.attach(server);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      ({ port } = server.address() as AddressInfo);
    },
    async stop() {
      hub.cut();
      const closed = new Promise((resolve) => server.close(resolve));
      await gateway.stop({ returnWindowMs: 0 });
      await closed;
    },
    async [Symbol.asyncDispose]() {
      await hub.stop();
    },
  };
  await hub.start();
  return hub;
}
