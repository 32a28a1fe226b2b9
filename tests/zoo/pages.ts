// Members where the browser forbids it, or the address or the token is wrong before anything is sent.

import { testToken } from '../../packages/gateway/src/testing/start-gateway.ts';
import { guardedServer } from './guarded.ts';
import type { Member, Running } from './member.ts';
import { startNameServer } from './name-server.ts';
import { answerPings, answerText, type Listening, pageServer, rawHttpServer, upgradeText } from './servers.ts';

/** The correct server under a name of its own. */
async function named(flags: readonly string[], own?: string): Promise<Running> {
  const server = await guardedServer(own);
  const names = await startNameServer((type) => ({ kind: 'addresses', addresses: type === 'A' ? ['127.0.0.1'] : [] }));
  return {
    url: `ws://live.test:${server.port}/live`,
    flags: ['--resolver', names.address, ...flags],
    async end() {
      await names.end();
      await server.end();
    },
  };
}

/** A page with a policy, and a server that takes it. */
async function withPolicy(headers: Readonly<Record<string, string>>, html: string): Promise<Running> {
  const pages = await pageServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', ...headers });
    response.end(html);
  });
  const origin = `http://127.0.0.1:${pages.port}`;
  const server = await rawHttpServer((socket, request) => {
    const from = request.headers.get('origin');
    if (!request.isUpgrade || (from !== undefined && from !== origin)) return socket.end(answerText('403 Forbidden'));
    socket.write(upgradeText(request));
    answerPings(socket);
  });
  return {
    url: `ws://127.0.0.1:${server.port}/live`,
    flags: ['--origin', origin],
    async end() {
      await pages.end();
      await server.end();
    },
  };
}

async function addressed(change: (url: string) => string): Promise<Running> {
  const server: Listening = await guardedServer();
  return { url: change(`ws://127.0.0.1:${server.port}/live`), end: () => server.end() };
}

/** A server that takes a token of one text alone, as most do in effect. */
async function wantsToken(...flags: readonly string[]): Promise<Running> {
  const server = await rawHttpServer((socket, { isUpgrade }) =>
    socket.end(isUpgrade ? answerText('401 Unauthorized', {}, 'invalid token') : answerText('200 OK', {}, 'hello')),
  );
  return { url: `ws://127.0.0.1:${server.port}/live`, flags, end: () => server.end() };
}

const good = testToken();
const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"ada"}').toString('base64url')}.`;

export const pages: readonly Member[] = [
  {
    name: 'mixed-content',
    fault: 'a page that came by https opens ws://',
    open: () => named(['--origin', 'https://ops.example.com']),
    verdict: { id: 'mixed-content', hop: 'page', says: /may not open ws:\/\/.*use wss:\/\/live\.test/ },
  },
  {
    name: 'local-network',
    fault: 'a public page connects to an address of this network',
    open: () => named(['--origin', 'http://ops.example.com'], 'http://ops.example.com'),
    verdict: {
      id: 'local-network-access',
      hop: 'page',
      exit: 1,
      says: /only where the person permits it; serve the page from the same network/,
    },
  },
  {
    name: 'page-policy',
    fault: 'the Content-Security-Policy of the page does not list the socket',
    open: () => withPolicy({ 'Content-Security-Policy': "default-src 'self'; connect-src 'self'" }, '<p>hello'),
    verdict: { id: 'page-policy', hop: 'page', says: /does not list ws:\/\/127\.0\.0\.1:\d+ for connect-src.*add ws:/ },
  },
  {
    name: 'page-policy-meta',
    fault: 'the page has that policy in a meta element',
    open: () => withPolicy({}, `<meta http-equiv="Content-Security-Policy" content="default-src 'self' https:">`),
    verdict: { id: 'page-policy', hop: 'page', says: /Content-Security-Policy does not list/ },
  },
  {
    name: 'address-fragment',
    fault: 'the address holds a fragment',
    open: () => addressed((url) => `${url}#section`),
    verdict: { id: 'address-fragment', hop: 'address', says: /a browser throws a SyntaxError.*cut it off/ },
  },
  {
    name: 'address-http',
    fault: 'the address begins with http',
    open: () => addressed((url) => url.replace('ws:', 'http:')),
    verdict: { id: 'address-http-scheme', hop: 'address', exit: 1, says: /browsers before 2024.*write ws:\/\// },
  },
  {
    name: 'address-double-slash',
    fault: 'base and path were joined with two slashes',
    open: () => addressed((url) => url.replace('/live', '//live')),
    verdict: { id: 'address-double-slash', hop: 'address', exit: 1, says: /two slashes in a row/ },
  },
  {
    name: 'token-unencrypted',
    fault: 'a token crosses the network in the clear',
    open: () => named(['--token', good]),
    verdict: { id: 'token-unencrypted', hop: 'address', exit: 1, says: /unencrypted; use wss:\/\// },
  },
  {
    name: 'token-undefined',
    fault: 'the page reads its token before there is one',
    open: async () => {
      const running = await wantsToken();
      return { ...running, url: `${running.url}?token=undefined` };
    },
    verdict: {
      id: 'token-placeholder',
      hop: 'token',
      says: /the text "undefined", not a token; read the token when connecting/,
    },
  },
  {
    name: 'token-object',
    fault: 'an object is joined into the address',
    open: () => wantsToken('--token', '[object Object]'),
    verdict: { id: 'token-placeholder', hop: 'token', says: /the text "\[object Object\]"/ },
  },
  {
    name: 'token-with-bearer',
    fault: 'the word Bearer is part of the token',
    open: () => wantsToken('--token', `Bearer ${good}`),
    verdict: { id: 'token-prefixed', hop: 'token', says: /begins with the word Bearer; pass the token alone/ },
  },
  {
    name: 'token-in-quotes',
    fault: 'the token was stored as JSON and is sent with its quotes',
    open: () => wantsToken('--token', `"${good}"`),
    verdict: { id: 'token-quoted', hop: 'token', says: /stands in quotes.*JSON\.parse/ },
  },
  {
    name: 'token-encoded-twice',
    fault: 'the token is encoded twice',
    open: () => wantsToken('--token', encodeURIComponent(`${good}==`)),
    verdict: { id: 'token-encoded', hop: 'token', says: /percent-encoded.*encode it once/ },
  },
  {
    name: 'token-with-space',
    fault: 'a + in the address has become a space',
    open: async () => {
      const running = await wantsToken();
      return { ...running, url: `${running.url}?token=abc+def` };
    },
    verdict: { id: 'token-whitespace', hop: 'token', says: /a space or a line end.*encodeURIComponent/ },
  },
  {
    name: 'token-cut',
    fault: 'a part of the token was lost in copying',
    open: () => wantsToken('--token', good.split('.').slice(0, 2).join('.')),
    verdict: { id: 'token-malformed', hop: 'token', says: /2 of the three parts of a JWT; copy the whole token/ },
  },
  {
    name: 'token-unsigned',
    fault: 'the token has no signature',
    open: () => wantsToken('--token', unsigned),
    verdict: { id: 'token-unsigned', hop: 'token', says: /without a signature; sign it/ },
  },
  {
    name: 'token-expired',
    fault: 'the token expired an hour ago',
    open: () => wantsToken('--token', testToken({ exp: Math.floor(Date.now() / 1000) - 3600 })),
    verdict: { id: 'token-expired', hop: 'token', says: /it expired 60 min ago; get a new one/ },
  },
  {
    name: 'token-of-tomorrow',
    fault: 'the token becomes valid in an hour',
    open: () =>
      wantsToken(
        '--token',
        testToken({ nbf: Math.floor(Date.now() / 1000) + 3600, exp: Math.floor(Date.now() / 1000) + 7200 }),
      ),
    verdict: { id: 'token-not-yet-valid', hop: 'token', says: /by its claim nbf it is valid in 60 min/ },
  },
];
