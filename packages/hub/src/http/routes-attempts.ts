// Routes about attempts to connect: everything the hub remembers of one. Operators only; the page that made an attempt asks
// the gateway itself (`GET /ws/attempts/<id>`).

import type { AttemptRecord } from '../api.ts';
import type { HubContext } from './context.ts';
import { notFound } from './failure.ts';
import { type Route, route } from './route.ts';

export function attemptRoutes({ connections }: HubContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/attempts/:attempt',
      rule: 'operator',
      async handle({ raw }): Promise<AttemptRecord> {
        const { attempt = '' } = raw.params as Record<string, string>;
        const record = await connections.record(attempt);
        if (record !== undefined) return record;
        throw notFound(
          'Nothing is known of this attempt: it never arrived, or it is forgotten.',
          'Of refusals that repeat only the newest attempts are kept; look for it in the log.',
        );
      },
    }),
  ];
}
