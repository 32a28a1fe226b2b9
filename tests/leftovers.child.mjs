// The process of leftovers.test.ts.

import { createServer } from 'node:http';
import { createGateway, stream } from '@telltale/gateway';
import { WebSocket } from 'ws';

const server = createServer();
const gateway = createGateway({
  channels: { log: stream('log', { read: () => true }) },
  credentials: { secret: 'a secret of tests that is long enough' },
  endpoints: [{ path: '', title: 'Test', channels: () => ['log'] }],
  limits: { maxSessionsPerAddress: 5000 },
});
gateway.attach(server);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `ws://127.0.0.1:${server.address().port}/ws/`;

/** Connects, waits for the first frame, closes, waits until it is closed. */
function visit(path = '', leave = (socket) => socket.close()) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url + path);
    socket.on('error', () => {});
    socket.once('message', () => leave(socket));
    // Who listens for it gets no `close`.
    socket.once('unexpected-response', (_request, response) => response.resume().once('end', resolve));
    socket.on('close', resolve);
  });
}

async function many(count, path) {
  for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, () => visit(path)));
}

if (process.argv[2] === 'handles') {
  const staying = new WebSocket(url);
  await new Promise((resolve) => staying.once('message', resolve));
  await visit();
  await visit('?token=nonsense');
  await gateway.publish('log', 1);
  await gateway.stop({ returnWindowMs: 1000 });
  await new Promise((resolve) => server.close(resolve));
  process.stdout.write('stopped\n');
} else {
  await many(500, '');
  await many(100, '?token=nonsense');
  await settle();
  const before = process.memoryUsage().heapUsed;
  await many(1000, '');
  await many(500, '?token=nonsense');
  await settle();
  const grownKiB = Math.round((process.memoryUsage().heapUsed - before) / 1024);
  const { sessions } = gateway.figures();
  process.stdout.write(JSON.stringify({ grownKiB, sessions, readers: gateway.hasReaders('log') ? 1 : 0 }));
  process.exit(0);
}

async function settle() {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc();
  }
}
