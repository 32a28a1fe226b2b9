// Members with a real proxy before a real gateway: nginx as people configure it, and a development server of Vite.

import { createServer } from 'vite';
import type { AddressInfo, Server } from 'node:net';
import { type StartedGateway, testToken } from '../../packages/gateway/src/testing/start-gateway.ts';
import { freePort } from '../support/hub-process.ts';
import { createAuthority } from './certificate.ts';
import { gateway } from './gateways.ts';
import { page } from './guarded.ts';
import type { Member } from './member.ts';
import { type NginxOptions, startNginx } from './nginx.ts';

const production = { mode: 'production', allowedOrigins: [page] } as const;
const token = (): readonly string[] => ['--token', testToken()];
const upgrading =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';

const through =
  (configuration: (port: number) => string, options: Omit<NginxOptions, 'server'> = {}) =>
  async ({ port }: StartedGateway) =>
    await startNginx({ server: configuration(port), ...options });

/** nginx in the usual form, with these lines in the location. */
const location = (lines: string) => (port: number) => `location / { proxy_pass http://127.0.0.1:${port}; ${lines} }`;

export const proxies: readonly Member[] = [
  {
    name: 'nginx-right',
    fault: 'nothing: nginx with the lines it needs, buffering on, which does not touch sockets',
    tool: 'nginx',
    open: () => gateway(production, token(), { before: through(location(`${upgrading} proxy_buffering on;`)) }),
    verdict: { id: 'connects', exit: 0, says: /^It connects/ },
  },
  {
    name: 'nginx-no-upgrade',
    fault: 'nginx does not pass the upgrade on',
    tool: 'nginx',
    open: () => gateway(production, token(), { before: through(location('')) }),
    verdict: {
      id: 'upgrade-eaten',
      hop: 'proxy',
      says: /the proxy \(nginx\/[\d.]+\).*without the headers? Upgrade.*set proxy_http_version 1\.1.*proxy_set_header Upgrade/,
    },
  },
  {
    name: 'nginx-no-upgrade-direct',
    fault: 'the same, and the gateway itself is examined beside',
    tool: 'nginx',
    async open() {
      let direct = '';
      const running = await gateway(production, token(), {
        async before(started) {
          direct = `ws://127.0.0.1:${started.port}`;
          return await through(location(''))(started);
        },
      });
      return { ...running, flags: [...(running.flags ?? []), '--direct', direct] };
    },
    verdict: { id: 'upgrade-eaten', hop: 'proxy', says: /for directly at ws:\/\/127\.0\.0\.1:\d+\/ws\/ it connects: / },
  },
  {
    name: 'nginx-short-timeout',
    waits: true,
    fault: 'nginx ends connections on which nobody speaks for two seconds',
    tool: 'nginx',
    open: () =>
      gateway(production, [...token(), '--idle', '--idle-seconds', '8'], {
        before: through(location(`${upgrading} proxy_read_timeout 2s;`)),
      }),
    verdict: {
      id: 'idle-death',
      hop: 'proxy',
      says: /\(1006\) after (?:19|[2-5]\d)\d\d ms, sooner than the gateway’s own heartbeat of 10 s; raise .* to 75 s \(proxy_read/,
    },
  },
  {
    name: 'nginx-wrong-host',
    fault: 'nginx asks for a name of its own, and the gateway is in development',
    tool: 'nginx',
    open: () => gateway({}, token(), { before: through(location(`${upgrading} proxy_set_header Host hub_backend;`)) }),
    verdict: {
      id: 'refused-host-not-allowed',
      hop: 'proxy',
      says: /is for host "hub_backend".*proxy_set_header Host \$http_host/,
    },
  },
  {
    name: 'nginx-tunnel',
    fault: 'a gateway in development stands behind nginx, and the page sends no token',
    tool: 'nginx',
    open: () =>
      gateway({}, [], { before: through(location(`${upgrading} proxy_set_header X-Forwarded-For $remote_addr;`)) }),
    verdict: { id: 'refused-token-missing', hop: 'token', says: /the header x-forwarded-for shows a proxy/ },
  },
  {
    name: 'nginx-http2-only',
    fault: 'nginx takes HTTP/2 alone at that port',
    tool: 'nginx',
    open: () => gateway(production, token(), { before: through(location(upgrading), { listen: 'http2' }) }),
    verdict: { id: 'http2-only', hop: 'server', says: /answered in HTTP\/2: nothing else is taken there/ },
  },
  {
    name: 'nginx-path-lost',
    fault: 'nginx cuts the prefix off the path',
    tool: 'nginx',
    open: () =>
      gateway(production, token(), {
        before: through((port) => `location /ws/ { proxy_pass http://127.0.0.1:${port}/; ${upgrading} }`),
      }),
    verdict: {
      id: 'path-lost',
      hop: 'proxy',
      says: /no endpoint at "\/".*which is not the path that was asked for.*a proxy_pass without a path/,
    },
  },
  {
    name: 'nginx-upstream-down',
    fault: 'nothing runs where nginx passes to',
    tool: 'nginx',
    async open() {
      const port = await freePort();
      return await gateway(production, [...token(), '--direct', `ws://127.0.0.1:${port}`], {
        before: async () => await startNginx({ server: location(upgrading)(port) }),
      });
    },
    verdict: {
      id: 'gateway-down',
      hop: 'upstream',
      says: /directly at ws:\/\/127\.0\.0\.1:\d+\/ws\/ it does not connect: nothing listens/,
    },
  },
  {
    name: 'nginx-password',
    fault: 'nginx asks for a password',
    tool: 'nginx',
    open: () =>
      gateway(production, token(), {
        before: through(location(`${upgrading} auth_basic "ops"; auth_basic_user_file /dev/null;`)),
      }),
    verdict: { id: 'handshake-401', hop: 'proxy', says: /the proxy \(nginx.*a password is asked for.*without Basic/ },
  },
  {
    name: 'nginx-no-subprotocol',
    fault: 'nginx removes Sec-WebSocket-Protocol, and the token with it',
    tool: 'nginx',
    open: () =>
      gateway(production, token(), {
        before: through(location(`${upgrading} proxy_set_header Sec-WebSocket-Protocol "";`)),
      }),
    verdict: {
      id: 'credential-eaten',
      hop: 'proxy',
      says: /sent in Sec-WebSocket-Protocol, and the gateway says that none arrived/,
    },
  },
  {
    name: 'nginx-origin-rewritten',
    fault: 'nginx puts its own Origin in the place of the page’s',
    tool: 'nginx',
    open: () =>
      gateway(production, token(), { before: through(location(`${upgrading} proxy_set_header Origin ${page};`)) }),
    verdict: {
      id: 'origin-hostile-accepted',
      hop: 'proxy',
      says: /a hostile page .* gets in as well.*pass the header Origin on as it comes/,
    },
  },
  {
    name: 'nginx-redirect',
    fault: 'nginx redirects everything to https',
    tool: 'nginx',
    open: () =>
      gateway(production, token(), { before: through(() => 'location / { return 301 https://$host$request_uri; }') }),
    verdict: { id: 'redirected-to-tls', hop: 'address', says: /use wss:\/\/127\.0\.0\.1\/ws\// },
  },
  {
    name: 'nginx-plain-to-tls',
    fault: 'the port of nginx speaks TLS, and the address says ws://',
    tool: 'nginx',
    open: () =>
      gateway(production, token(), {
        before: through(location(upgrading), {
          listen: 'ssl',
          tls: createAuthority('An authority of the zoo').sign({ names: ['localhost'] }),
        }),
      }),
    verdict: { id: 'plain-to-tls', hop: 'address', says: /the port speaks TLS/ },
  },
  {
    name: 'vite-no-ws',
    waits: true,
    fault: 'the development server of Vite passes requests on and upgrades not',
    async open() {
      return await gateway({}, ['--timeout', '2'], {
        async before({ port }) {
          const server = await createServer({
            configFile: false,
            root: import.meta.dirname,
            logLevel: 'silent',
            optimizeDeps: { noDiscovery: true },
            server: { host: '127.0.0.1', port: 0, watch: null, proxy: { '/ws': `http://127.0.0.1:${port}` } },
          });
          await server.listen();
          const { port: own } = (server.httpServer as Server).address() as AddressInfo;
          return { port: own, end: () => server.close() };
        },
      });
    },
    verdict: {
      id: 'handshake-silent',
      hop: 'proxy',
      says: /the development server of Vite.*takes upgrades and drops them.*ws: true/,
    },
  },
];
