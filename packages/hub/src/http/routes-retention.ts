// Routes for administrators about how long and how much the hub keeps.

import type { Retention } from '../api.ts';
import { retentionSchema } from '../retention/retention-bounds.ts';
import type { HubContext } from './context.ts';
import { type Route, route } from './route.ts';

export function retentionRoutes({ retention, log }: HubContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/retention',
      rule: 'admin',
      handle: (): Retention => retention.current,
    }),
    route({
      method: 'POST',
      path: '/api/retention',
      rule: 'admin',
      body: retentionSchema,
      async handle({ body, identity }): Promise<Retention> {
        await retention.choose(body);
        log.info({ user: identity?.subject, ...body }, 'How long and how much is kept was changed');
        return retention.current;
      },
    }),
  ];
}
