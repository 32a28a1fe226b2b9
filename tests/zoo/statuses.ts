// Members that answer a handshake with an HTTP status: what browsers show as 1006 and "Unexpected response code".

import { createServer } from 'node:http';
import type { Member, Running } from './member.ts';
import { answerText, listen, type Listening, rawHttpServer, statusServer } from './servers.ts';

const at = (server: Listening, ...flags: readonly string[]): Running => ({
  url: `ws://127.0.0.1:${server.port}/live`,
  flags,
  end: () => server.end(),
});

const html = { 'Content-Type': 'text/html' };

export const statuses: readonly Member[] = [
  {
    name: 'page-for-everything',
    fault: 'every path answers with the page of an application (200)',
    open: async () =>
      at(await rawHttpServer((socket) => socket.end(answerText('200 OK', html, '<!doctype html><div id="root">')))),
    verdict: {
      id: 'handshake-200',
      hop: 'server',
      says: /200 with a page: nothing upgrades connections at \/live; correct the path/,
    },
  },
  {
    name: 'redirect-to-https',
    fault: 'plain addresses are redirected to https',
    open: async () => at(await statusServer('301 Moved Permanently', { Location: 'https://127.0.0.1/live' })),
    verdict: { id: 'redirected-to-tls', hop: 'address', says: /no browser follows; use wss:\/\/127\.0\.0\.1\/live/ },
  },
  {
    name: 'redirect-to-login',
    fault: 'a sign-in stands before the server',
    open: async () => at(await statusServer('302 Found', { Location: 'https://login.example.com/start?next=/live' })),
    verdict: { id: 'redirected-to-login', hop: 'proxy', says: /a sign-in stands before the server; let \/live pass/ },
  },
  {
    name: 'redirect-to-slash',
    fault: 'the path wants a slash at its end',
    open: async () => at(await statusServer('308 Permanent Redirect', { Location: '/live/' })),
    verdict: { id: 'redirected-to-slash', hop: 'address', says: /use ws:\/\/127\.0\.0\.1:\d+\/live\/\.$/ },
  },
  {
    name: 'redirect-elsewhere',
    fault: 'the server has moved to another name',
    open: async () => at(await statusServer('301 Moved Permanently', { Location: 'https://live.example.com/socket' })),
    verdict: { id: 'redirected', hop: 'address', says: /use wss:\/\/live\.example\.com\/socket/ },
  },
  {
    name: 'bad-request',
    fault: 'the headers of the handshake are cut on the way (400)',
    open: async () => at(await statusServer('400 Bad Request', {}, 'Can "Upgrade" only to "WebSocket".')),
    verdict: { id: 'handshake-400', hop: 'server', says: /Can "Upgrade" only.*no complete handshake.*Socket\.IO/ },
  },
  {
    name: 'socket-io',
    fault: 'the server is one of Socket.IO, which speaks a protocol of its own',
    open: async () => at(await statusServer('400 Bad Request', {}, '{"code":0,"message":"Transport unknown"}')),
    verdict: { id: 'socket-io', hop: 'server', says: /a Socket\.IO server answers there.*client of Socket\.IO/ },
  },
  {
    name: 'token-wanted',
    fault: 'the server wants a credential and gets none (401)',
    open: async () => at(await statusServer('401 Unauthorized', { 'WWW-Authenticate': 'Bearer' }, 'no token')),
    verdict: { id: 'handshake-401', hop: 'token', says: /none was sent; give one with --token/ },
  },
  {
    name: 'password-wanted',
    fault: 'a proxy asks for a password by HTTP (401 Basic)',
    open: async () => at(await statusServer('401 Unauthorized', { 'WWW-Authenticate': 'Basic realm="ops"' })),
    verdict: {
      id: 'handshake-401',
      hop: 'proxy',
      says: /a password is asked for by HTTP.*let \/live pass without Basic/,
    },
  },
  {
    name: 'forbidden',
    fault: 'the server forbids it and does not say why (403)',
    open: async () => at(await statusServer('403 Forbidden')),
    verdict: { id: 'handshake-403', hop: 'server', says: /403.*give the origin of the page with --origin/ },
  },
  {
    name: 'origin-forbidden',
    fault: 'the server takes no page but its own, and answers others 403',
    open: async () => {
      const { guardedServer } = await import('./guarded.ts');
      return at(await guardedServer(), '--origin', 'https://new.example.com');
    },
    verdict: { id: 'origin-refused', hop: 'server', says: /pages of https:\/\/new\.example\.com do not; add exactly/ },
  },
  {
    name: 'firewall',
    fault: 'a firewall of a content network stands before the server (403)',
    open: async () =>
      at(
        await statusServer('403 Forbidden', { Server: 'cloudflare', 'CF-RAY': '8c1' }, 'Sorry, you have been blocked'),
      ),
    verdict: { id: 'handshake-403', hop: 'proxy', says: /the proxy \(Cloudflare\).*a firewall.*lets \/live pass/ },
  },
  {
    name: 'path-wrong',
    fault: 'there is nothing at the path (404)',
    open: async () => at(await statusServer('404 Not Found', {}, 'Cannot GET /live')),
    verdict: { id: 'handshake-404', hop: 'server', says: /nothing at \/live; correct the path/ },
  },
  {
    name: 'method-refused',
    fault: 'the path is one of an API that takes POST alone (405)',
    open: async () => at(await statusServer('405 Method Not Allowed', { Allow: 'POST' })),
    verdict: { id: 'handshake-405', hop: 'server', says: /takes no GET.*correct the path/ },
  },
  {
    name: 'forward-proxy',
    fault: 'a forward proxy wants a sign-in (407)',
    open: async () => at(await statusServer('407 Proxy Authentication Required', { 'Proxy-Authenticate': 'Basic' })),
    verdict: { id: 'handshake-407', hop: 'proxy', says: /forward proxy asks for a sign-in/ },
  },
  {
    name: 'wrong-virtual-host',
    fault: 'the connection goes to a server of other names (421)',
    open: async () => at(await statusServer('421 Misdirected Request')),
    verdict: { id: 'handshake-421', hop: 'proxy', says: /not responsible for 127\.0\.0\.1/ },
  },
  {
    name: 'upgrade-removed',
    fault: 'a proxy has removed the header Upgrade before another server (426)',
    open: async () =>
      at(await statusServer('426 Upgrade Required', { Upgrade: 'websocket', Via: '1.1 edge7' }, 'Upgrade Required')),
    verdict: {
      id: 'upgrade-eaten',
      hop: 'proxy',
      says: /arrives without its header Upgrade; .*pass the headers Upgrade and Connection on/,
    },
  },
  {
    name: 'other-version',
    fault: 'the server speaks another version of WebSocket (426)',
    open: async () => at(await statusServer('426 Upgrade Required', { 'Sec-WebSocket-Version': '8, 7' })),
    verdict: { id: 'handshake-426', hop: 'server', says: /another version of WebSocket/ },
  },
  {
    name: 'too-many',
    fault: 'the server has counted too many attempts (429)',
    open: async () => at(await statusServer('429 Too Many Requests', { 'Retry-After': '30' })),
    verdict: { id: 'handshake-429', hop: 'server', says: /too many attempts; wait 30 s/ },
  },
  {
    name: 'token-too-long',
    fault: 'the token is longer than the server takes headers (431)',
    open: async () => {
      const server = await listen(createServer({ maxHeaderSize: 2048 }, (_request, response) => response.end('hello')));
      return at(server, '--token', 'k'.repeat(3000));
    },
    verdict: { id: 'handshake-431', hop: 'token', says: /longer than is taken there; use a shorter token/ },
  },
  {
    name: 'server-error',
    fault: 'the server fails inside (500)',
    open: async () =>
      at(
        await statusServer(
          '500 Internal Server Error',
          { 'X-Powered-By': 'Express' },
          'TypeError: x is not a function',
        ),
      ),
    verdict: {
      id: 'handshake-500',
      hop: 'server',
      says: /the server \(Express\)|failed inside the server; look into the log/,
    },
  },
  {
    name: 'upgrade-not-implemented',
    fault: 'what answers knows no upgrades (501)',
    open: async () => at(await statusServer('501 Not Implemented')),
    verdict: { id: 'handshake-501', hop: 'server', says: /knows no upgrade/ },
  },
  {
    name: 'upstream-down',
    fault: 'the proxy gets no answer from the server behind it (502)',
    open: async () => at(await statusServer('502 Bad Gateway', { Server: 'awselb/2.0' })),
    verdict: {
      id: 'handshake-502',
      hop: 'upstream',
      says: /the server behind the proxy \(an AWS load balancer\).*start that server/,
    },
  },
  {
    name: 'unavailable',
    fault: 'the server takes nobody now (503)',
    open: async () => at(await statusServer('503 Service Unavailable', { 'Retry-After': '120', Server: 'Varnish' })),
    verdict: { id: 'handshake-503', hop: 'upstream', says: /takes nobody now; wait 120 s/ },
  },
  {
    name: 'upstream-slow',
    fault: 'the server behind the proxy does not answer in time (504)',
    open: async () => at(await statusServer('504 Gateway Timeout', { Server: 'nginx/1.24.0' })),
    verdict: { id: 'handshake-504', hop: 'upstream', says: /did not answer it in time/ },
  },
];
