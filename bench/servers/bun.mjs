// Bun's own server, whose `publish` is that of uWebSockets. Run by Bun, not by Node.

import { channelsIn } from './serve.mjs';

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, self) {
    const isUpgraded = self.upgrade(request, { data: { channels: channelsIn(request.url) } });
    return isUpgraded ? undefined : new Response('expected a WebSocket', { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    open(socket) {
      for (const channel of socket.data.channels) socket.subscribe(channel);
    },
    message(_socket, text) {
      server.publish(JSON.parse(text).channel, text);
    },
  },
});

console.log(JSON.stringify({ port: server.port }));
