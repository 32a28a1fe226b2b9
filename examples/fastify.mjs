// A Fastify app with a gateway under /ws, beside an upgrade listener of its own. After `npm run build`:
// PORT=3000 node examples/fastify.mjs, then connect any WebSocket client to ws://localhost:3000/ws/.

import { createGateway, table } from '@telltale/gateway';
import { fastify } from 'fastify';
import { z } from 'zod';

const app = fastify();
app.get('/', () => 'Hello from Fastify\n');

const gateway = createGateway({
  channels: { memory: table('memory', { schema: z.object({ bytes: z.number() }), read: () => true }) },
  endpoints: [{ path: '', title: 'Memory', channels: () => ['memory'] }],
});
gateway.attach(app.server);

setInterval(() => void gateway.publish('memory', { bytes: process.memoryUsage.rss() }, { key: 'rss' }), 1000);

// Upgrades outside /ws belong to whoever else listens: a development server, or this echo.
app.server.on('upgrade', (request, socket) => {
  if (request.url !== '/echo') return;
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  socket.pipe(socket);
});

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`http://localhost:${app.server.address().port}`);
