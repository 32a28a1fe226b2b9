// A process that makes attempts which are refused, so many a second for so long, each on a connection of its own, as a
// client does that knows no better. Begins when it reads a line, and prints how many were answered, and how. Nothing of
// ours is loaded.

import { connect } from 'node:net';

const [port, perSecond, seconds, origin] = process.argv.slice(2);
const total = Number(perSecond) * Number(seconds);
const handshake = [
  'GET /ws/dashboard/?token=flood HTTP/1.1',
  `Host: localhost:${port}`,
  `Origin: ${origin}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const answers = {};
let begun = 0;
let made = 0;
let over = 0;

function attempt() {
  made++;
  let answer = 'none';
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(handshake));
  socket.once('data', (bytes) => {
    answer = bytes.toString('latin1').slice(9, 12);
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    answers[answer] = (answers[answer] ?? 0) + 1;
    if (++over === total) console.log(JSON.stringify({ answers, ms: Math.round(performance.now() - begun) }));
  });
}

process.stdin.once('data', () => {
  begun = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * Number(perSecond)));
    while (made < due) attempt();
    if (made >= total) {
      clearInterval(timer);
      process.stdin.destroy();
    }
  }, 5);
});
console.log('ready');
