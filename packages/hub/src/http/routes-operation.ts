// Routes for whoever runs the hub: facts before signing in, health, readiness, metrics.

import type { HubFacts } from '../api.ts';
import type { HubContext } from './context.ts';
import { Failure } from './failure.ts';
import { type Route, route } from './route.ts';
import { isOpenTo } from './rules.ts';

export function operationRoutes(context: HubContext): readonly Route[] {
  const { metrics, settings, version } = context;
  return [
    route({
      method: 'GET',
      path: '/api/hub',
      rule: 'anyone',
      handle: ({ raw }): HubFacts => ({
        version,
        mode: settings.mode,
        anonymous: isOpenTo(raw, settings),
        time: Date.now(),
      }),
    }),
    route({ method: 'GET', path: '/healthz', rule: 'anyone', handle: () => ({ status: 'ok' }) }),
    route({
      method: 'GET',
      path: '/readyz',
      rule: 'anyone',
      handle() {
        if (context.ready()) return { status: 'ready' };
        throw new Failure({ status: 503, code: 4503, name: 'stopping', message: 'The hub is stopping.' });
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      rule: 'operations',
      async handle({ reply }) {
        return reply.type(metrics.contentType).send(await metrics.text());
      },
    }),
  ];
}
