// A gateway on a real HTTP server at a free port of the loopback, for tests: `await using gateway = await startGateway()`.

import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelShapes } from '@telltale/protocol';
import { stream, table } from '../channels/definition.ts';
import { createGateway } from '../gateway.ts';
import type { Gateway, GatewayEvent, GatewayOptions } from '../types.ts';
import { PlainClient } from './plain-client.ts';

export const testSecret = 'a secret of tests that is long enough for production';

const everybody = (): boolean => true;

/** Channels most tests need: a stream and a table everybody reads and writes, and one that only operators read. */
export const testChannels = {
  log: stream('log/:name', { read: everybody, write: everybody }),
  rows: table('rows/:name', { read: everybody, write: everybody }),
  secret: stream('secret', { read: ({ scope }) => scope !== 'viewer', write: ({ scope }) => scope === 'admin' }),
};

export type TestOptions = Partial<GatewayOptions<ChannelShapes>>;

/** A JWT of HS256 with claims that are valid unless said otherwise. */
export function testToken(claims: Record<string, unknown> = {}, secret: string = testSecret): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'telltale', aud: 'telltale', sub: 'ada', exp, ...claims })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

export interface StartedGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly events: GatewayEvent[];
  readonly logged: { level: string; fields: object; text: string }[];
  /** A plain client that has connected, or been refused. */
  connect(path?: string, options?: ConstructorParameters<typeof PlainClient>[1]): PlainClient;
}

export async function startGateway(options: TestOptions = {}): Promise<StartedGateway> {
  const events: GatewayEvent[] = [];
  const logged: StartedGateway['logged'] = [];
  const note = (level: string) => (fields: object, text: string) => logged.push({ level, fields, text });
  const gateway = createGateway({
    channels: testChannels as ChannelShapes,
    credentials: { secret: testSecret },
    onEvent: (event) => events.push(event),
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    ...options,
    limits: { framesPerSecond: 1e6, frameBurst: 1e6, bytesPerSecond: 1e9, byteBurst: 1e9, ...options.limits },
  }) as Gateway;
  // As far as the hub reads.
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (_request, response) => response.end('the application'));
  gateway.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clients: PlainClient[] = [];
  return {
    gateway,
    server,
    port,
    url: `ws://127.0.0.1:${port}`,
    events,
    logged,
    connect(path = '/ws/', clientOptions = {}) {
      const client = new PlainClient(`ws://127.0.0.1:${port}${path}`, clientOptions);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.socket.terminate();
      await gateway.stop({ returnWindowMs: 0 });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
