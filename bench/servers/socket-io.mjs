// Socket.IO as its documentation shows it: a room per channel, WebSocket alone, no check of who connects.

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { channelsIn, listen } from './serve.mjs';

const server = createServer();
const io = new Server(server, { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  for (const channel of channelsIn(socket.request.url)) void socket.join(channel);
  socket.on('publish', ({ channel, data }) => io.to(channel).emit(channel, data));
});

listen(server);
