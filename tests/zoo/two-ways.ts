// Members that are examined on two ways, the public one and `--direct`: where the two differ, the difference is what stands
// between. The one whose direct way connects, and the one where nothing listens there, have a real nginx: see proxies.ts.

import type { StartedGateway } from '../../packages/gateway/src/testing/start-gateway.ts';
import { asPage, gateway, production, withToken } from './gateways.ts';
import type { Member, Running } from './member.ts';
import { relay, statusServer } from './servers.ts';

/** A gateway behind something, and its own address given as the direct one. */
async function twoWays(
  flags: readonly string[],
  before: (started: StartedGateway) => Promise<{ port: number; end(): Promise<void> }>,
): Promise<Running> {
  let direct = '';
  const running = await gateway(production, flags, {
    async before(started) {
      direct = `ws://127.0.0.1:${started.port}`;
      return await before(started);
    },
  });
  return { ...running, flags: [...(running.flags ?? []), '--direct', direct] };
}

export const twoWayMembers: readonly Member[] = [
  {
    name: 'telltale-direct',
    fault: 'nothing: the gateway is examined on both ways',
    open: () => twoWays(asPage, ({ port }) => relay(port, {})),
    verdict: { id: 'connects', exit: 0, says: /^It connects/ },
  },
  {
    name: 'direct-same',
    fault: 'the server itself has nothing at the path, and what stands before it passes that on',
    async open() {
      const server = await statusServer('404 Not Found');
      const outer = await relay(server.port, {});
      return {
        url: `ws://127.0.0.1:${outer.port}/live`,
        flags: ['--direct', `ws://127.0.0.1:${server.port}`],
        async end() {
          await outer.end();
          await server.end();
        },
      };
    },
    verdict: {
      id: 'handshake-404',
      hop: 'gateway',
      says: /^Broken at the gateway, for directly at ws:\/\/127\.0\.0\.1:\d+\/live it is the same: /,
    },
  },
  {
    name: 'direct-otherwise',
    fault: 'a proxy hides behind its 403 that the gateway does not take the token',
    open: () => twoWays(withToken({ aud: 'billing' }), () => statusServer('403 Forbidden', { Server: 'nginx' })),
    verdict: {
      id: 'refused-token-audience',
      hop: 'token',
      says: /^Broken at the token: directly at ws:\/\/127\.0\.0\.1:\d+\/ws\/ it does not connect: the token is meant/,
    },
  },
  {
    name: 'direct-differs',
    fault: 'the address that is given as the direct one is another server',
    async open() {
      const other = await statusServer('404 Not Found');
      const running = await gateway(production, [...withToken(), '--direct', `ws://127.0.0.1:${other.port}`]);
      return {
        ...running,
        async end() {
          await running.end();
          await other.end();
        },
      };
    },
    verdict: {
      id: 'direct-differs',
      hop: 'gateway',
      exit: 1,
      says: /directly at ws:\/\/127\.0\.0\.1:\d+\/ws\/ it does not connect: .*see whether this is the same server/,
    },
  },
];
