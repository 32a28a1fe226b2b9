// The one table of the hub's HTTP routes. Each file below it holds the routes of one noun; none is registered elsewhere.

import { accountRoutes } from './routes-account.ts';
import { agentRoutes } from './routes-agents.ts';
import { attemptRoutes } from './routes-attempts.ts';
import { channelRoutes } from './routes-channels.ts';
import type { HubContext } from './context.ts';
import { downloadRoutes } from './routes-download.ts';
import { operationRoutes } from './routes-operation.ts';
import { roomRoutes } from './routes-rooms.ts';
import { retentionRoutes } from './routes-retention.ts';
import type { Route } from './route.ts';
import { runRoutes } from './routes-runs.ts';
import { userRoutes } from './routes-users.ts';

export function createRoutes(context: HubContext): readonly Route[] {
  return [
    ...accountRoutes(context),
    ...channelRoutes(context),
    ...userRoutes(context),
    ...agentRoutes(context),
    ...runRoutes(context),
    ...attemptRoutes(context),
    ...roomRoutes(context),
    ...retentionRoutes(context),
    ...operationRoutes(context),
    ...downloadRoutes(context),
  ];
}
