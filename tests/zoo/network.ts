// Members that break before any HTTP: names, ports, silence, and servers of another protocol.

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { freePort } from '../support/hub-process.ts';
import { guardedServer } from './guarded.ts';
import type { Member, Running } from './member.ts';
import { type NameAnswer, startNameServer } from './name-server.ts';
import { answerText, type Listening, rawHttpServer, tcpServer } from './servers.ts';

const at = (server: Listening, ...flags: readonly string[]): Running => ({
  url: `ws://127.0.0.1:${server.port}/live`,
  flags,
  end: () => server.end(),
});

/** A name that only the zoo's own name server knows, for a port of this machine. */
async function named(
  answer: (type: 'A' | 'AAAA') => NameAnswer,
  server?: Listening,
  host = 'live.test',
): Promise<Running> {
  const names = await startNameServer(answer);
  return {
    url: `ws://${host}:${server?.port ?? 80}/live`,
    flags: ['--resolver', names.address, '--timeout', '3'],
    async end() {
      await names.end();
      await server?.end();
    },
  };
}

const addresses = (...list: readonly string[]): NameAnswer => ({ kind: 'addresses', addresses: list });

/** A listener whose process has stopped taking connections: the kernel drops those that come when the queue is full. */
async function stuckListener(): Promise<Running> {
  const program =
    "const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => " +
    'process.stdout.write(`${server.address().port}\\n`, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)))';
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  const waiting = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  return {
    url: `ws://127.0.0.1:${port}/live`,
    flags: ['--timeout', '2'],
    async end() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export const network: readonly Member[] = [
  {
    name: 'port-closed',
    fault: 'nothing listens at the port',
    open: async () => ({ url: `ws://127.0.0.1:${await freePort()}/live`, end: async () => {} }),
    verdict: { id: 'tcp-refused', hop: 'server', says: /nothing listens at 127\.0\.0\.1:\d+.*start the server/ },
  },
  {
    name: 'queue-full',
    waits: true,
    fault: 'the process takes no more connections',
    open: stuckListener,
    verdict: { id: 'tcp-silent', hop: 'network', says: /does not answer to a connection at all.*firewall/ },
  },
  {
    name: 'name-unknown',
    fault: 'the name does not exist',
    open: () => named(() => ({ kind: 'unknown' })),
    verdict: { id: 'name-unknown', hop: 'name', says: /live\.test is not known.*correct the name/ },
  },
  {
    name: 'name-failure',
    fault: 'the name server fails',
    open: () => named(() => ({ kind: 'failure' })),
    verdict: { id: 'name-failed', hop: 'name', says: /failed to look up live\.test/ },
  },
  {
    name: 'name-silence',
    waits: true,
    fault: 'the name server does not answer',
    open: () => named(() => ({ kind: 'silence' })),
    verdict: { id: 'name-silent', hop: 'name', says: /got no answer about live\.test in time/ },
  },
  {
    name: 'name-without-address',
    fault: 'the name has neither A nor AAAA',
    open: () => named(() => addresses()),
    verdict: { id: 'name-without-address', hop: 'name', says: /add an A or AAAA record/ },
  },
  {
    name: 'name-half-broken',
    fault: 'the question for AAAA gets a failure, that for A an answer',
    open: async () =>
      named((type) => (type === 'A' ? addresses('127.0.0.1') : { kind: 'failure' }), await guardedServer()),
    verdict: { id: 'name-partly', hop: 'name', exit: 1, says: /AAAA records fails/ },
  },
  {
    name: 'one-address-dead',
    fault: 'of two addresses of the name one refuses',
    open: async () =>
      named((type) => (type === 'A' ? addresses('127.0.0.2', '127.0.0.1') : addresses()), await guardedServer()),
    verdict: { id: 'tcp-partly', hop: 'server', exit: 1, says: /127\.0\.0\.2 refuses.*listen at 127\.0\.0\.2 too/ },
  },
  {
    name: 'localhost-other-family',
    fault: 'localhost is ::1 and the server listens at 127.0.0.1 alone',
    open: async () =>
      named((type) => (type === 'AAAA' ? addresses('::1') : addresses()), await guardedServer(), 'localhost'),
    verdict: { id: 'tcp-other-loopback', hop: 'address', says: /listens at 127\.0\.0\.1 alone; write 127\.0\.0\.1/ },
  },
  {
    name: 'silence',
    waits: true,
    fault: 'the server takes the connection and never says a word',
    // With the patience that everybody gets: within 30 s.
    open: async () => at(await tcpServer((socket) => socket.resume())),
    verdict: { id: 'silent', hop: 'server', says: /answers nothing, neither a plain request nor the handshake/ },
  },
  {
    name: 'half-an-answer',
    waits: true,
    fault: 'the server begins an answer and stops in the middle of a line',
    open: async () => at(await rawHttpServer((socket) => socket.write('HTTP/1.1 101 Switch')), '--timeout', '2'),
    verdict: { id: 'silent', hop: 'server', says: /begins an answer and does not finish it/ },
  },
  {
    name: 'upgrade-dropped',
    waits: true,
    fault: 'plain requests are answered, handshakes are taken and forgotten',
    open: async () =>
      at(
        await rawHttpServer((socket, { isUpgrade }) => {
          if (!isUpgrade) socket.end(answerText('200 OK', {}, 'hello'));
        }),
        '--timeout',
        '2',
      ),
    verdict: {
      id: 'handshake-silent',
      hop: 'server',
      says: /takes upgrades and drops them.*attach a WebSocket server/,
    },
  },
  {
    name: 'reset-at-handshake',
    fault: 'the server resets the connection in answer to the handshake',
    open: async () =>
      at(
        await rawHttpServer((socket, { isUpgrade }) =>
          isUpgrade ? socket.resetAndDestroy() : socket.end(answerText('200 OK', {}, 'hello')),
        ),
      ),
    verdict: { id: 'handshake-reset', hop: 'server', says: /reset in answer to the handshake, though a plain request/ },
  },
  {
    name: 'end-at-handshake',
    fault: 'the server ends the connection in answer to anything',
    open: async () => at(await rawHttpServer((socket) => socket.end())),
    verdict: { id: 'handshake-cut', hop: 'server', says: /ended in answer to the handshake/ },
  },
  {
    name: 'ssh',
    fault: 'the port is one of SSH',
    open: async () => at(await tcpServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'))),
    verdict: { id: 'not-http', hop: 'address', says: /no HTTP but SSH; correct the port/ },
  },
  {
    name: 'redis',
    fault: 'the port is one of Redis',
    open: async () =>
      at(
        await tcpServer((socket) => socket.on('data', () => socket.write("-ERR unknown command 'GET', with args\r\n"))),
      ),
    verdict: { id: 'not-http', hop: 'address', says: /no HTTP but Redis/ },
  },
  {
    name: 'binary-protocol',
    fault: 'the port speaks a protocol that nobody here knows',
    open: async () => at(await tcpServer((socket) => socket.write(Buffer.from('7f00ff10e3a1b2c3d4e5f6', 'hex')))),
    verdict: { id: 'not-http', hop: 'address', says: /is no HTTP; correct the port/ },
  },
];
