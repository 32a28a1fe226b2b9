// `ws` as most people use it: a set of sockets per channel and a loop of `send`. Checks nothing and nobody.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { channelsIn, listen } from './serve.mjs';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const viewers = new Map();

sockets.on('connection', (socket, request) => {
  const channels = channelsIn(request.url);
  for (const channel of channels) {
    if (!viewers.has(channel)) viewers.set(channel, new Set());
    viewers.get(channel).add(socket);
  }
  socket.on('close', () => channels.forEach((channel) => viewers.get(channel).delete(socket)));
  socket.on('error', () => {
    // `close` follows.
  });
  socket.on('message', (data) => {
    const text = data.toString();
    for (const viewer of viewers.get(JSON.parse(text).channel) ?? []) viewer.send(text);
  });
});

listen(server);
