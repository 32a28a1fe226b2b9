// Members with a real Telltale gateway, in production and in development: what it refuses, and what spoils it on the way.

import {
  startGateway,
  type StartedGateway,
  type TestOptions,
  testToken,
} from '../../packages/gateway/src/testing/start-gateway.ts';
import { page } from './guarded.ts';
import type { Member, Running } from './member.ts';
import { startNameServer } from './name-server.ts';
import { relay } from './servers.ts';

export const production: TestOptions = { mode: 'production', allowedOrigins: [page] };
const now = (): number => Math.floor(Date.now() / 1000);

/** A gateway and how it is examined; more may stand before it. */
export async function gateway(
  options: TestOptions,
  flags: readonly string[],
  {
    path = '/ws/',
    before,
  }: { path?: string; before?: (started: StartedGateway) => Promise<{ port: number; end(): Promise<void> }> } = {},
): Promise<Running> {
  const started = await startGateway(options);
  const outer = await before?.(started);
  return {
    url: `ws://127.0.0.1:${outer?.port ?? started.port}${path}`,
    flags,
    async end() {
      await outer?.end();
      await started[Symbol.asyncDispose]();
    },
  };
}

export const withToken = (claims: Record<string, unknown> = {}, secret?: string): readonly string[] => [
  '--token',
  testToken(claims, secret),
];
export const asPage = [...withToken(), '--origin', page];

/** Lets the handshake through and nothing that follows it from the server. */
function mute(): Parameters<typeof relay>[1] {
  const answered = new WeakSet<object>();
  return {
    toClient(bytes, pass, client) {
      if (answered.has(client)) return;
      const end = bytes.indexOf('\r\n\r\n') + 4;
      if (bytes.toString('latin1', 9, 12) !== '101') return pass(bytes);
      answered.add(client);
      pass(bytes.subarray(0, end));
    },
  };
}

/** Ends a connection on a large write, as a firewall with a limit does. */
const firewall: Parameters<typeof relay>[1] = {
  toServer(bytes, pass, client) {
    if (bytes.length > 8 * 1024) client.destroy();
    else pass(bytes);
  },
};

export const gateways: readonly Member[] = [
  {
    name: 'telltale-production',
    fault: 'nothing: a gateway in production, its page and a good token',
    open: () => gateway(production, asPage),
    verdict: { id: 'connects', exit: 0, says: /^It connects: nothing is wrong/ },
  },
  {
    name: 'telltale-development',
    fault: 'nothing: a gateway in development, without a token',
    open: () => gateway({}, []),
    verdict: { id: 'connects', exit: 0, says: /^It connects/ },
  },
  {
    name: 'telltale-no-token',
    fault: 'a page sends no token',
    open: () => gateway(production, ['--origin', page]),
    verdict: {
      id: 'refused-token-missing',
      hop: 'token',
      says: /no credential was sent \(4401 token-missing\); send a token/,
    },
  },
  {
    name: 'telltale-token-header',
    fault: 'nothing: a program with a token in Authorization',
    open: () => gateway(production, [...withToken(), '--token-in', 'header']),
    verdict: { id: 'connects', exit: 0, says: /^It connects/ },
  },
  {
    name: 'telltale-origin',
    fault: 'the page is not among the allowed origins',
    open: () => gateway(production, [...withToken(), '--origin', 'https://www.example.com']),
    verdict: {
      id: 'refused-origin-not-allowed',
      hop: 'gateway',
      says: /"https:\/\/www\.example\.com" may not connect.*TELLTALE_ALLOWED_ORIGINS=https:\/\/www\.example\.com\.$/,
    },
  },
  {
    name: 'telltale-development-page',
    fault: 'in development a foreign page sends no token',
    open: () => gateway({}, ['--origin', 'https://tunnel.example.com']),
    verdict: { id: 'refused-origin-needs-token', hop: 'gateway', says: /without a token only pages on this machine/ },
  },
  {
    name: 'telltale-expired',
    fault: 'the token has expired',
    open: () => gateway(production, withToken({ exp: now() - 600 })),
    verdict: { id: 'token-expired', hop: 'token', says: /it expired 10 min ago; get a new one/ },
  },
  {
    name: 'telltale-other-secret',
    fault: 'the token is signed with another secret',
    open: () => gateway(production, withToken({}, 'another secret that is long enough to be one')),
    verdict: { id: 'refused-token-signature', hop: 'token', says: /signature.*compare the secrets/ },
  },
  {
    name: 'telltale-other-audience',
    fault: 'the token is meant for another service',
    open: () => gateway(production, withToken({ aud: 'billing' })),
    verdict: {
      id: 'refused-token-audience',
      hop: 'token',
      says: /another audience: found "billing", expected "telltale"/,
    },
  },
  {
    name: 'telltale-never-expires',
    fault: 'the token has no expiry',
    open: () => gateway(production, withToken({ exp: undefined })),
    verdict: { id: 'token-expiry-missing', hop: 'token', says: /no claim exp.*set exp when signing/ },
  },
  {
    name: 'telltale-path-outside',
    fault: 'the path is not under the gateway’s prefix',
    open: () => gateway(production, asPage, { path: '/socket/' }),
    verdict: {
      id: 'refused-path-unknown',
      hop: 'address',
      says: /no endpoint at "\/socket\/", expected one of \/ws\/.*correct the path/,
    },
  },
  {
    name: 'telltale-path-unknown',
    fault: 'there is no such endpoint under the prefix',
    open: () => gateway(production, withToken(), { path: '/ws/dashbord/' }),
    verdict: {
      id: 'refused-path-unknown',
      hop: 'address',
      says: /no endpoint at "\/ws\/dashbord\/".*correct the path/,
    },
  },
  {
    name: 'telltale-token-too-long',
    fault: 'the token fills the headers with more than a gateway takes',
    open: () => gateway(production, ['--token', 'k'.repeat(20_000)]),
    verdict: {
      id: 'refused-headers-too-large',
      hop: 'token',
      says: /has 20 KiB of headers, at most 16 KiB are taken.*\(4400 headers-too-large\); send less in it/,
    },
  },
  {
    name: 'telltale-full',
    fault: 'the gateway holds as many sessions as it may',
    async open() {
      const running = await gateway({ ...production, limits: { maxSessions: 1 } }, withToken());
      const { WebSocket } = await import('ws');
      const holder = new WebSocket(running.url, { headers: { Authorization: `Bearer ${testToken()}` } });
      await new Promise((resolve) => holder.once('message', resolve));
      return {
        ...running,
        async end() {
          holder.terminate();
          await running.end();
        },
      };
    },
    verdict: { id: 'refused-at-capacity', hop: 'gateway', says: /holds 1 sessions, the most it is set to/ },
  },
  {
    name: 'telltale-too-many',
    fault: 'a client that was refused ten times goes on trying',
    async open() {
      const running = await gateway({ ...production, limits: { explainedRefusals: 1 } }, ['--origin', page]);
      const { WebSocket } = await import('ws');
      const first = new WebSocket(running.url, { origin: page });
      await new Promise((resolve) => first.once('close', resolve));
      return running;
    },
    verdict: { id: 'refused-too-many-attempts', hop: 'gateway', says: /more than 1 refused attempts.*stop repeating/ },
  },
  {
    name: 'telltale-store-away',
    fault: 'what checks the credentials does not work',
    open: () =>
      gateway(
        {
          ...production,
          credentials: {
            verify: () => {
              throw new Error('the store is away');
            },
          },
        },
        ['--token', 'opaque-token-of-the-zoo'],
      ),
    verdict: { id: 'refused-credential-unchecked', hop: 'gateway', says: /could not be checked.*keep it/ },
  },
  {
    name: 'telltale-crash',
    fault: 'the application around the gateway fails when a session begins',
    open: () =>
      gateway(
        {
          ...production,
          onSession: () => {
            throw new Error('a hook of the zoo');
          },
        },
        withToken(),
      ),
    verdict: { id: 'closed-4000', hop: 'gateway', says: /closed with 4000.*log has the trace/ },
  },
  {
    name: 'telltale-tunnel',
    fault: 'a gateway in development is reached under a foreign name',
    async open() {
      const running = await gateway({}, []);
      const names = await startNameServer((type) => ({
        kind: 'addresses',
        addresses: type === 'A' ? ['127.0.0.1'] : [],
      }));
      return {
        url: running.url.replace('127.0.0.1', 'tunnel.test'),
        flags: ['--resolver', names.address],
        async end() {
          await names.end();
          await running.end();
        },
      };
    },
    verdict: { id: 'refused-host-not-allowed', hop: 'gateway', says: /is for host "tunnel\.test:\d+".*TELLTALE_HOST/ },
  },
  {
    name: 'telltale-mute',
    waits: true,
    fault: 'something between takes the handshake and holds every frame back',
    open: () => gateway(production, [...withToken(), '--timeout', '2'], { before: ({ port }) => relay(port, mute()) }),
    verdict: { id: 'welcome-missing', hop: 'proxy', says: /no welcome comes.*a scanner of viruses/ },
  },
  {
    name: 'telltale-firewall',
    fault: 'a firewall between ends connections on messages over 8 kB',
    open: () => gateway(production, withToken(), { before: ({ port }) => relay(port, firewall) }),
    verdict: {
      id: 'frame-size',
      hop: 'proxy',
      says: /a message of 16 kB .*one of 4 kB passes, though the gateway takes it/,
    },
  },
  {
    name: 'telltale-expires',
    waits: true,
    fault: 'nothing: the token expires soon, and the gateway ends the session with 4419',
    open: () => gateway(production, withToken({ exp: now() + 8 })),
    verdict: { id: 'connects', exit: 0, says: /^It connects/ },
  },
];
