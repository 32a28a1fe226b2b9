// A process that makes attempts which are refused, so many a second for so long, each on a connection of its own, as a
// client does that knows no better, or attempts that nobody can read, or as many plain requests to compare with. Begins anew
// with each line it reads, `refused`, `unread` or `plain`, and prints how many were answered, and how. Nothing of ours is loaded.

import { connect } from 'node:net';

const [port, perSecond, seconds, origin] = process.argv.slice(2);
/** What costs as little as anything does: a request without a body, on a connection of its own too. */
const plain = `GET /healthz HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`;
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
const hello = Buffer.from('16030100f8010000f40303', 'hex');
const kinds = { plain, refused: handshake, unread: hello };
let [bytes, answers, begun, made, over] = [plain, {}, 0, 0, 0];

function attempt() {
  made++;
  let answer = 'none';
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
  socket.once('data', (received) => {
    answer = received.toString('latin1').slice(9, 12);
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    answers[answer] = (answers[answer] ?? 0) + 1;
    if (++over === total) console.log(JSON.stringify({ answers, ms: Math.round(performance.now() - begun) }));
  });
}

process.stdin.setEncoding('utf8').on('data', (word) => {
  bytes = kinds[word.trim()];
  [answers, begun, made, over] = [{}, performance.now(), 0, 0];
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * Number(perSecond)));
    while (made < due) attempt();
    if (made >= total) clearInterval(timer);
  }, 5);
});
console.log('ready');
