// Our client in Node on a compressed channel: it offers what its WebSocket offers, and need not know. For a page the same
// is proved in client-in-chromium.test.ts.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnection, type WebSocketConstructor } from '@telltale/client';
import { createGateway, type Gateway, stream } from '@telltale/gateway';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until } from './support/until.ts';

interface Sample {
  readonly at: number;
  readonly cpu: number;
}

const samplesOf = (from: number, count: number): { data: Sample }[] =>
  Array.from({ length: count }, (_, n) => ({ data: { at: 1_764_126_000_000 + from + n, cpu: (from + n) / 7 } }));

it('[CMP2] [CLI6] the client in Node reads a compressed channel, over a break of the line too, in a third of the bytes', async () => {
  const server = createServer();
  const gateway = createGateway({
    channels: { samples: stream('samples', { read: () => true, compress: true }) },
  }) as unknown as Gateway;
  gateway.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sockets: WebSocket[] = [];
  let characters = 0;
  class Heard extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      sockets.push(this);
      this.on('message', (data: Buffer) => (characters += data.length));
    }
  }
  const connection = createConnection({
    url: `ws://127.0.0.1:${port}/ws/`,
    WebSocket: Heard as unknown as WebSocketConstructor,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
  });
  const held: Sample[] = [];
  connection.subscribe<Sample>('samples', (event) => {
    if (event.type === 'messages') held.push(...event.messages.map(({ data }) => data));
  });
  const holds = (count: number): Promise<number> =>
    until(
      `${count} samples`,
      () => held.length,
      (length) => length === count,
    );
  try {
    await gateway.publishBatch('samples', samplesOf(0, 300));
    connection.connect();
    await holds(300);
    await gateway.publishBatch('samples', samplesOf(300, 50));
    await holds(350);
    expect(sockets[0]?.extensions).toBe('permessage-deflate');
    const [session] = gateway.sessions();
    expect((session?.sentBytes ?? Infinity) / characters).toBeLessThan(0.35);
    sockets[0]?.terminate();
    await gateway.publishBatch('samples', samplesOf(350, 100));
    connection.retryNow();
    await holds(450);
    expect(held).toEqual(samplesOf(0, 450).map(({ data }) => data));
  } finally {
    connection.close();
    await gateway.stop({ returnWindowMs: 0 });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
