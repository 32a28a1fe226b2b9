// Members that only a page can meet: what the browser, the page itself or an extension does to it, and servers that
// serve the page as well, whose answers it may therefore read.

import { createServer } from 'vite';
import type { AddressInfo, Server } from 'node:net';
import { startGateway, type TestOptions, testToken } from '../../packages/gateway/src/testing/start-gateway.ts';
import { page } from './guarded.ts';
import { answerText, frame, type Listening, rawHttpServer, relay, socketServer, tcpServer } from './servers.ts';
import { type PageMember, usualPage, type Visit } from './visit.ts';

const production: TestOptions = { mode: 'production', allowedOrigins: [page] };

/** A gateway in production with its page and a good token. */
async function good(changes: Partial<Visit> = {}): Promise<Visit & { end(): Promise<void> }> {
  const gateway = await startGateway(production);
  return {
    at: usualPage,
    options: { url: `${gateway.url}/ws/`, token: testToken() },
    ...changes,
    end: async () => await gateway[Symbol.asyncDispose](),
  };
}

/** A server that serves the page and answers everything else like this, handshakes too. */
async function sameOrigin(status: string, headers: Readonly<Record<string, string>> = {}, token?: string) {
  const html = '<!doctype html><title>An application</title>';
  const server = await rawHttpServer((socket, { target }) =>
    socket.end(
      target === '/'
        ? answerText('200 OK', {}, html)
        : answerText(status, headers, status.startsWith('200') ? html : ''),
    ),
  );
  return {
    at: `http://127.0.0.1:${server.port}/`,
    options: { url: `ws://127.0.0.1:${server.port}/ws/`, ...(token !== undefined && { token }) },
    end: () => server.end(),
  };
}

/** As if nobody listened there, and nobody else will meanwhile. */
const closedPort = (): Promise<Listening> => tcpServer((socket) => void socket.resetAndDestroy());

/** Vite's own development server, as it comes. */
async function vite(proxy: Readonly<Record<string, string>>): Promise<Listening> {
  const server = await createServer({
    configFile: false,
    root: new URL('fixture', import.meta.url).pathname,
    logLevel: 'silent',
    optimizeDeps: { noDiscovery: true },
    server: { host: '127.0.0.1', port: 0, watch: null, proxy },
  });
  await server.listen();
  return { port: ((server.httpServer as Server).address() as AddressInfo).port, end: () => server.close() };
}

/** Sets the time in every frame two hours back, digit by digit, so that no length changes. */
const lateClock: Parameters<typeof relay>[1] = {
  toClient(bytes, pass) {
    const text = bytes.toString('latin1');
    pass(
      Buffer.from(
        text.replaceAll(/"time":(\d{13})/g, (_all, ms) => `"time":${Number(ms) - 7_200_000}`),
        'latin1',
      ),
    );
  },
};

/** A class that looks like WebSocket and never connects, as a script of a page leaves it that went wrong. */
const brokenClass = `if (window === top) window.WebSocket = class WebSocket extends EventTarget {
  readyState = 0;
  constructor() { super(); setTimeout(() => { this.readyState = 3; this.onclose?.({ code: 1006, reason: '', wasClean: false }); }, 5); }
  send() {}
  close() {}
};`;

/** A wrapper that watches, as extensions and monitoring scripts install. */
const watchingClass = `window.WebSocket = new Proxy(WebSocket, { construct: (Real, words) => Reflect.construct(Real, words) });`;

export const pageMembers: readonly PageMember[] = [
  {
    name: 'offline',
    fault: 'the browser has no network',
    open: () => good({ isOffline: true }),
    verdict: { name: 'offline', hop: 'network', says: /has no network/ },
  },
  {
    name: 'websocket-replaced',
    fault: 'a script has put a class that does not work in the place of WebSocket',
    open: () => good({ script: brokenClass }),
    verdict: { name: 'websocket-patched', hop: 'browser', says: /with the browser’s own it opens/ },
  },
  {
    name: 'websocket-watched',
    fault: 'an extension wraps WebSocket, and it works',
    open: () => good({ script: watchingClass }),
    verdict: { name: 'websocket-patched', hop: 'browser', says: /^It connects, but .*not the browser’s own/ },
  },
  {
    name: 'local-network-denied',
    fault: 'a public page connects to an address of this machine, and nobody has permitted it',
    open: () => good({ isKeptFar: true }),
    verdict: { name: 'local-network-access', hop: 'browser', says: /127\.0\.0\.1, an address of this machine/ },
  },
  {
    name: 'page-hidden',
    fault: 'the page is hidden',
    open: () => good({ script: `Object.defineProperty(document, 'hidden', { get: () => true });` }),
    verdict: { name: 'page-hidden', hop: 'browser', says: /^It connects, but the page is hidden/ },
  },
  {
    name: 'page-name-unknown',
    fault: 'the name does not exist',
    open: async () => ({ at: usualPage, options: { url: 'wss://unknown.test/ws/' }, end: async () => {} }),
    cause: 'unreachable',
    verdict: { name: 'unreachable', hop: 'network', says: /nothing answers at unknown\.test: name, port/ },
  },
  {
    name: 'cookies-too-large',
    fault: 'applications at the same name have set more cookies than a gateway takes',
    async open() {
      const gateway = await startGateway({});
      return {
        at: `http://127.0.0.1:${gateway.port}/`,
        options: { url: `ws://127.0.0.1:${gateway.port}/ws/` },
        script: `for (let index = 0; index < 5; index++) document.cookie = 'c' + index + '=' + 'x'.repeat(4000);`,
        end: async () => await gateway[Symbol.asyncDispose](),
      };
    },
    cause: 'headers-too-large',
    verdict: {
      name: 'refused-headers-too-large',
      hop: 'page',
      says: /has 2\d KiB of headers, at most 16 KiB are taken; most of it is Cookie/,
    },
  },
  {
    name: 'cookies-far-too-large',
    fault: 'the same, and so many that the server ends the handshake before anybody reads it',
    async open() {
      const gateway = await startGateway({});
      return {
        at: `http://127.0.0.1:${gateway.port}/`,
        options: { url: `ws://127.0.0.1:${gateway.port}/ws/` },
        script: `for (let index = 0; index < 20; index++) document.cookie = 'c' + index + '=' + 'x'.repeat(4000);`,
        end: async () => await gateway[Symbol.asyncDispose](),
      };
    },
    cause: 'headers-too-large',
    verdict: {
      name: 'refused-headers-too-large',
      hop: 'page',
      says: /has more than 64 KiB of headers, at most 16 KiB are taken; most of it is Cookie/,
    },
  },
  {
    name: 'forward-proxy-refuses',
    fault: 'the forward proxy of the browser does not let it through',
    async open() {
      const proxy = await rawHttpServer((socket) => socket.end(answerText('403 Forbidden')));
      return {
        at: usualPage,
        proxy: `http://127.0.0.1:${proxy.port}`,
        options: { url: 'wss://live.test/ws/' },
        end: () => proxy.end(),
      };
    },
    verdict: { name: 'unreachable', hop: 'network', says: /nothing answers at live\.test/ },
  },
  {
    name: 'throttled',
    fault: 'the page has failed so often that Chromium holds its sockets back',
    async open() {
      const closed = await closedPort();
      return {
        at: usualPage,
        options: { url: `ws://127.0.0.1:${closed.port}/ws/` },
        ends: 17,
        end: () => closed.end(),
      };
    },
    check: { id: 'throttling', outcome: 'warning' },
    verdict: { name: 'unreachable', hop: 'network', says: /nothing answers/ },
  },
  {
    name: 'wrong-port',
    fault: 'the gateway is where the page came from, and the address names another port',
    async open() {
      const closed = await closedPort();
      const gateway = await startGateway({ mode: 'production', allowedOrigins: [] });
      return {
        at: `http://127.0.0.1:${gateway.port}/`,
        options: { url: `ws://127.0.0.1:${closed.port}/ws/` },
        async end() {
          await closed.end();
          await gateway[Symbol.asyncDispose]();
        },
      };
    },
    verdict: { name: 'wrong-port', hop: 'address', says: /a Telltale gateway answers where this page came from/ },
  },
  {
    name: 'same-origin-page',
    fault: 'the application’s page answers everything, also the path of the socket',
    open: () => sameOrigin('200 OK'),
    verdict: { name: 'handshake-200', hop: 'server', says: /a web page answers at this path/ },
  },
  {
    name: 'same-origin-redirect',
    fault: 'the server of the page redirects the path of the socket to a sign-in',
    open: () => sameOrigin('302 Found', { Location: '/login' }),
    verdict: { name: 'redirected', hop: 'address', says: /redirects to another one/ },
  },
  {
    name: 'same-origin-unauthorized',
    fault: 'the server of the page wants a credential',
    open: () => sameOrigin('401 Unauthorized'),
    verdict: { name: 'handshake-401', hop: 'token', says: /with 401: a credential is wanted/ },
  },
  {
    name: 'same-origin-not-found',
    fault: 'the server of the page knows nothing of the path',
    open: () => sameOrigin('404 Not Found'),
    verdict: { name: 'handshake-404', hop: 'address', says: /with 404: there is nothing at this path/ },
  },
  {
    name: 'same-origin-upstream-down',
    fault: 'the proxy that serves the page gets no answer from what is behind it',
    open: () => sameOrigin('502 Bad Gateway'),
    verdict: { name: 'handshake-502', hop: 'server', says: /with 502: the server behind the proxy is away/ },
  },
  {
    name: 'same-origin-clock',
    fault: "a good token is expired by the clock of the page's server",
    open: () => sameOrigin('401 Unauthorized', { Date: new Date(Date.now() + 7_200_000).toUTCString() }, testToken()),
    verdict: { name: 'token-clock', hop: 'token', says: /by the clock of the server alone, which is .* ahead/ },
  },
  {
    name: 'gateway-clock-off',
    fault: "the gateway's clock is two hours behind",
    async open() {
      const gateway = await startGateway(production);
      const outer = await relay(gateway.port, lateClock);
      return {
        at: usualPage,
        options: { url: `ws://127.0.0.1:${outer.port}/ws/`, token: testToken() },
        async end() {
          await outer.end();
          await gateway[Symbol.asyncDispose]();
        },
      };
    },
    verdict: { name: 'clock-off', hop: 'clock', says: /^It connects, but .*(?:120 min|2 hours) behind/ },
  },
  {
    name: 'vite-alone',
    fault: 'the development server of Vite serves the page and passes nothing on',
    async open() {
      const server = await vite({});
      return {
        at: `http://127.0.0.1:${server.port}/`,
        options: { url: `ws://127.0.0.1:${server.port}/ws/` },
        end: () => server.end(),
      };
    },
    verdict: { name: 'handshake-200', hop: 'server', says: /a web page answers at this path/ },
  },
  {
    name: 'vite-proxy-without-ws',
    fault: 'the page comes from Vite, whose proxy has no ws: true',
    async open() {
      const gateway = await startGateway({});
      const server = await vite({ '/ws': `http://127.0.0.1:${gateway.port}` });
      return {
        at: `http://127.0.0.1:${server.port}/`,
        options: { url: `ws://127.0.0.1:${server.port}/ws/`, connectTimeoutMs: 4000 },
        async end() {
          await server.end();
          await gateway[Symbol.asyncDispose]();
        },
      };
    },
    cause: 'never-arrived',
    verdict: { name: 'never-arrived', hop: 'proxy', says: /answers by HTTP, and this attempt never reached it/ },
  },
  {
    name: 'not-telltale',
    fault: 'a server of somebody else answers, and speaks first',
    async open() {
      const server = await socketServer((socket) => socket.write(frame(1, 'hello')), {
        'Sec-WebSocket-Protocol': 'telltale.v1',
      });
      return { at: usualPage, options: { url: `ws://127.0.0.1:${server.port}/live` }, end: () => server.end() };
    },
    verdict: { name: 'welcome-missing', hop: 'address', says: /what answers speaks another protocol/ },
  },
];
