// A gateway on a server of node:https: sessions, and attempts whose requests are never read, inside TLS.

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { createGateway, type GatewayEvent, stream } from '@telltale/gateway';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until } from './support/until.ts';
import { selfSigned } from './zoo/certificate.ts';

it('[ADM15] takes sessions over TLS, and records there what is never read', async () => {
  const events: GatewayEvent[] = [];
  const gateway = createGateway({
    channels: { log: stream('log', { read: () => true, write: () => false }) },
    onEvent: (event) => void events.push(event),
  });
  const identity = selfSigned(['localhost']);
  const server = createServer(identity);
  gateway.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/`, { rejectUnauthorized: false });
    const welcome = await new Promise((resolve, reject) => {
      socket.once('message', (message) => resolve(JSON.parse(String(message))));
      socket.once('error', reject);
    });
    expect(welcome).toMatchObject({ type: 'welcome' });
    socket.terminate();

    const peer = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    let answer = '';
    peer.on('data', (part) => (answer += String(part)));
    peer.write(
      `GET /ws/ HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nCookie: a=${'b'.repeat(40_000)}\r\n`,
    );
    await until(
      'the answer',
      () => answer,
      (text) => text.includes('headers-too-large'),
    );
    peer.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    const refused = events.filter((event) => event.type === 'refused');
    expect(refused).toMatchObject([{ attempt: { path: '/ws/', origin: 'https://localhost' }, told: 'http' }]);
  } finally {
    await gateway.stop({ returnWindowMs: 0 });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
