// What routes work with: the parts of a running hub, put together in hub.ts. Types only.

import type { IncomingMessage } from 'node:http';
import type { Gateway, GatewayLog } from '@telltale/gateway';
import type { Accounts } from '../accounts/accounts.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { SignIn } from '../accounts/sign-in.ts';
import type { StartCode } from '../accounts/start-code.ts';
import type { Agents } from '../agents/agents.ts';
import type { Chat } from '../chat/chat.ts';
import type { HubChannels } from '../channels.ts';
import type { Connections } from '../connections/connections.ts';
import type { Metrics } from '../metrics.ts';
import type { RetentionKeeper } from '../retention/retention.ts';
import type { Runs } from '../runs/runs.ts';
import type { Settings } from '../settings.ts';
import type { Cookies } from './cookies.ts';
import type { PackedCommand } from './download.ts';
import type { Origins } from './origins.ts';
import type { StaticFiles } from './static-files.ts';

export interface HubContext {
  readonly version: string;
  readonly settings: Settings;
  readonly gateway: Gateway<HubChannels>;
  readonly accounts: Accounts;
  readonly agents: Agents;
  readonly runs: Runs;
  readonly chat: Chat;
  readonly retention: RetentionKeeper;
  readonly connections: Pick<Connections, 'record'>;
  readonly passwords: Passwords;
  readonly signIn: SignIn;
  /** In development, until it is spent. */
  readonly startCode: StartCode | undefined;
  readonly cookies: Cookies;
  readonly origins: Origins;
  readonly files: StaticFiles;
  /** Undefined: it has not been built. */
  readonly packed: PackedCommand | undefined;
  readonly metrics: Metrics;
  readonly log: GatewayLog;
  /** The client's address, with trusted proxies believed. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Whether the hub takes requests: listening and not stopping. */
  readonly ready: () => boolean;
}
