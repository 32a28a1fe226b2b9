// Routes about runs: the ended ones in pages, one run with all it came to so far, and its end by an operator's hand.

import { z } from 'zod';
import type { RunPage, RunSnapshot } from '../api.ts';
import { plainText } from '../plain-text.ts';
import { runPlaceOf } from '../runs/run-pages.ts';
import type { HubContext } from './context.ts';
import { badRequest, Failure, notFound } from './failure.ts';
import { createPaces } from './paces.ts';
import { type Route, route } from './route.ts';

const mostByCharacters = 100;

const pageQuery = z.strictObject({
  agent: z.string().max(64).optional(),
  before: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export function runRoutes(context: HubContext): readonly Route[] {
  const { gateway, runs, log } = context;
  const paces = createPaces('Wait, then read on with larger pages.');
  const missing = (): Failure => notFound('There is no such run, or you may not see it.');
  return [
    route({
      method: 'GET',
      path: '/api/runs',
      rule: 'viewer',
      async handle({ identity, raw }): Promise<RunPage> {
        // As the table `runs`, of which this is what is older.
        if (identity === undefined || !gateway.can(identity, 'read', 'runs')) {
          throw notFound('There are no runs, or you may not see them.');
        }
        await paces.take(identity.id, 0);
        const query = pageQuery.safeParse(raw.query);
        if (!query.success) throw badRequest('Expected ?agent=<name>&before=<next of a page>&limit=<1 to 500>.');
        const { agent, before: text, limit } = query.data;
        const before = text === undefined ? undefined : runPlaceOf(text);
        if (text !== undefined && before === undefined) {
          throw badRequest(`before: found ${JSON.stringify(text)}, expected what a page calls its "next".`);
        }
        return await runs.page({ agent, before, limit });
      },
    }),
    route({
      method: 'GET',
      path: '/api/runs/:run',
      rule: 'viewer',
      async handle({ identity, raw }): Promise<RunSnapshot> {
        const { run = '' } = raw.params as Record<string, string>;
        // A run one may not see and one that does not exist look the same.
        if (identity === undefined || !gateway.can(identity, 'read', `runs/${run}`)) throw missing();
        const snapshot = await runs.snapshot(run);
        if (snapshot === undefined) throw missing();
        return snapshot;
      },
    }),
    route({
      method: 'POST',
      path: '/api/runs/cancel',
      rule: 'operator',
      body: z.strictObject({ run: z.string().max(64) }),
      async handle({ body: { run }, identity }) {
        const by = plainText(identity?.name ?? identity?.subject ?? '', mostByCharacters);
        const outcome = await runs.cancel(run, by);
        if (outcome === 'unknown') throw notFound('There is no such run.');
        if (outcome === 'ended') {
          throw new Failure({
            status: 409,
            code: 4400,
            name: 'run-ended',
            message: 'This run has ended already: there is nothing to cancel.',
          });
        }
        log.info({ run, user: by }, `${by} asked a run to end`);
        return {};
      },
    }),
  ];
}
