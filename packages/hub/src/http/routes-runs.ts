// Routes about runs: one run with all it came to so far, and its end by an operator's hand.

import { z } from 'zod';
import type { RunSnapshot } from '../api.ts';
import { plainText } from '../plain-text.ts';
import type { HubContext } from './context.ts';
import { Failure, notFound } from './failure.ts';
import { type Route, route } from './route.ts';

const mostByCharacters = 100;

export function runRoutes(context: HubContext): readonly Route[] {
  const { gateway, runs, log } = context;
  const missing = (): Failure => notFound('There is no such run, or you may not see it.');
  return [
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
