// Telltale's gateway with everything on: admission in production with HS256 tokens and an origin, identity, rules,
// heartbeat, subscription, limits. The limits of rate are raised where one publisher stands for many.

import { createServer } from 'node:http';
import { createGateway, stream, table } from '@telltale/gateway';
import { secret, trustedOrigin } from '../src/tokens.mjs';
import { listen, wanted } from './serve.mjs';

const { channels = ['news'], isTable = false, isCompressed = false, flushMs } = wanted;
const publisherRates = { framesPerSecond: 1e6, frameBurst: 1e6, bytesPerSecond: 1e9, byteBurst: 1e9 };

const declare = isTable ? table : stream;
const gateway = createGateway({
  mode: 'production',
  allowedOrigins: [trustedOrigin],
  credentials: { secret },
  channels: {
    news: declare(':name', {
      read: ({ kind }) => kind === 'user',
      write: ({ scope }) => scope === 'admin',
      ...(isCompressed ? { compress: true, singleWriter: true } : {}),
      ...(wanted.retention === undefined ? {} : { retention: wanted.retention }),
    }),
  },
  endpoints: [
    { path: '', title: 'Session' },
    { path: 'view', title: 'View', channels: () => channels },
  ],
  // A machine full of viewers behind one address, all of them coming within seconds.
  limits: { maxSessionsPerAddress: 20_000, admissionsPerSecond: 100_000 },
  limitsFor: ({ scope }) => (scope === 'admin' ? publisherRates : {}),
  ...(flushMs === undefined ? {} : { flushMs }),
});

const server = createServer();
gateway.attach(server);
listen(server);
