import { WebSocket, WebSocketServer } from 'ws';
import { expect, it } from 'vitest';
import type { AddressInfo } from 'node:net';
import { pingFrame, textFrame } from './websocket-frame.ts';

it('[DLV1] writes frames that another implementation reads, at every length of header', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 200_000].map((length) => 'x'.repeat(length));
  server.on('connection', (_, request) => {
    for (const text of texts)
      request.socket.write(textFrame([Buffer.from(text.slice(0, 3)), Buffer.from(text.slice(3))]));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data: Buffer) => {
      received.push(data.toString());
      if (received.length === texts.length) resolve();
    });
  });
  expect(received.map(({ length }) => length)).toEqual(texts.map(({ length }) => length));
  expect(received).toEqual(texts);
  client.terminate();
  server.close();
});

it('[DLV2] writes a ping that another implementation answers with its number', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const answer = new Promise<Buffer>((resolve) => {
    server.on('connection', (socket, request) => {
      socket.on('pong', resolve);
      request.socket.write(pingFrame(0xfedcba98));
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect((await answer).readUInt32BE()).toBe(0xfedcba98);
  client.terminate();
  server.close();
});
