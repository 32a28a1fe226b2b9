// Members whose 101 is none for a browser: headers that are missing or wrong, subprotocols and extensions that nobody
// offered. Many libraries pass over these, so that a program connects where no page does.

import type { Member, Running } from './member.ts';
import { answerPings, type Listening, rawHttpServer, socketServer, upgradeText } from './servers.ts';

const at = (server: Listening, ...flags: readonly string[]): Running => ({
  url: `ws://127.0.0.1:${server.port}/live`,
  flags,
  end: () => server.end(),
});

type Changes = Readonly<Record<string, string | undefined>>;
const answering = async (changes: Changes, ...flags: readonly string[]): Promise<Running> =>
  at(await socketServer((socket) => answerPings(socket), changes), ...flags);

export const upgrades: readonly Member[] = [
  {
    name: 'accept-missing',
    fault: 'the 101 has no Sec-WebSocket-Accept',
    open: () => answering({ 'Sec-WebSocket-Accept': undefined }),
    verdict: { id: 'accept-missing', hop: 'server', says: /no header Sec-WebSocket-Accept, so every browser fails/ },
  },
  {
    name: 'accept-wrong',
    fault: 'the 101 has the Sec-WebSocket-Accept of another request',
    open: () => answering({ 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }),
    verdict: { id: 'accept-wrong', hop: 'server', says: /does not fit the key.*a cache/ },
  },
  {
    name: 'upgrade-header-missing',
    fault: 'the 101 has no header Upgrade',
    open: () => answering({ Upgrade: undefined }),
    verdict: { id: 'upgrade-header-missing', hop: 'server', says: /has no header Upgrade/ },
  },
  {
    name: 'upgrade-header-wrong',
    fault: 'the 101 upgrades to something else',
    open: () => answering({ Upgrade: 'h2c' }),
    verdict: { id: 'upgrade-header-wrong', hop: 'server', says: /says Upgrade: h2c in place of websocket/ },
  },
  {
    name: 'connection-header-missing',
    fault: 'the 101 has no header Connection',
    open: () => answering({ Connection: undefined }),
    verdict: { id: 'connection-header-missing', hop: 'server', says: /has no header Connection/ },
  },
  {
    name: 'connection-header-wrong',
    fault: 'the 101 says Connection: keep-alive',
    open: () => answering({ Connection: 'keep-alive' }),
    verdict: { id: 'connection-header-wrong', hop: 'server', says: /Connection: keep-alive in place of Upgrade/ },
  },
  {
    name: 'subprotocol-unoffered',
    fault: 'the server chooses a subprotocol that was not offered',
    open: () => answering({ 'Sec-WebSocket-Protocol': 'mqtt' }),
    verdict: {
      id: 'subprotocol-unoffered',
      hop: 'server',
      says: /chooses the subprotocol "mqtt", and none was offered.*--protocol/,
    },
  },
  {
    name: 'subprotocol-ignored',
    fault: 'the page offers a subprotocol and the server chooses none',
    open: () => answering({}, '--protocol', 'chat.v2'),
    verdict: { id: 'subprotocol-none', hop: 'server', says: /\(chat\.v2\) none is chosen, on which browsers fail/ },
  },
  {
    name: 'subprotocol-is-token',
    fault: 'the server answers with the token as its subprotocol',
    open: async () =>
      at(
        await rawHttpServer((socket, request) => {
          const offered = request.headers.get('sec-websocket-protocol')?.split(', ').at(-1);
          socket.write(upgradeText(request, { 'Sec-WebSocket-Protocol': offered }));
          answerPings(socket);
        }),
        '--token',
        'canary-of-the-zoo-7f3a9c',
        '--token-in',
        'protocol',
        '--protocol',
        'chat.v2',
      ),
    verdict: { id: 'subprotocol-token', hop: 'server', says: /answers with the token as its subprotocol/ },
  },
  {
    name: 'extension-unoffered',
    fault: 'the server uses an extension that nobody offered',
    open: () => answering({ 'Sec-WebSocket-Extensions': 'x-bogus' }),
    verdict: {
      id: 'extension-unoffered',
      hop: 'server',
      says: /"x-bogus", which was not offered, so every browser fails/,
    },
  },
  {
    name: 'compression-unoffered',
    fault: 'the server compresses though nobody offered that',
    open: () => answering({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
    verdict: { id: 'compression-unoffered', hop: 'server', exit: 1, says: /programs that do not compress fail on it/ },
  },
];
