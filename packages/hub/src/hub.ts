// The composition root of the hub: builds the parts, connects them, starts and stops them in order. Nothing is decided
// here that one of the parts could decide.

import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { createGateway, type Gateway } from '@telltale/gateway';
import type { Logger } from 'pino';
import { createAccounts } from './accounts/accounts.ts';
import { createAuthorize } from './accounts/authorize.ts';
import { createLoginThrottle } from './accounts/login-throttle.ts';
import { ensureAdmin } from './accounts/ensure-admin.ts';
import { createPasswords } from './accounts/passwords.ts';
import { loginLifeMs, loginRestMs } from './accounts/refresh-token.ts';
import { createSignIn } from './accounts/sign-in.ts';
import { createStartCode } from './accounts/start-code.ts';
import { createAgents } from './agents/agents.ts';
import { type ChatOptions, createChat } from './chat/chat.ts';
import { declareChannels, declareEndpoints, type HubChannels } from './channels.ts';
import { createConnections } from './connections/connections.ts';
import { clientAddress } from './http/client-address.ts';
import { createCookies } from './http/cookies.ts';
import { type PackedCommand, readPackedCommand } from './http/download.ts';
import { createHttpServer } from './http/http-server.ts';
import { createOrigins } from './http/origins.ts';
import { createRoutes } from './http/routes.ts';
import { createServer } from './http/server.ts';
import { readStaticFiles } from './http/static-files.ts';
import { listen } from './listen.ts';
import { startLocalAgent } from './local-agent.ts';
import { createLog, type LogSink } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createSelfCheck, type SelfCheck } from './self-check/self-check.ts';
import { endSessionsOnChange } from './session-ends.ts';
import { dashboardDirectory, hubVersion } from './places.ts';
import { createRetention } from './retention/retention.ts';
import { createRuns } from './runs/runs.ts';
import type { Settings } from './settings.ts';
import { addressList, isLoopbackHost } from './settings-table.ts';
import { createMessageStore } from './storage/message-store.ts';
import { openStorage, type Storage } from './storage/storage.ts';

export interface HubOptions extends Pick<ChatOptions, 'monotonic'> {
  readonly settings: Settings;
  /** Directory of the built dashboard. Default: the one beside this package. */
  readonly dashboard?: string;
  /** The command that other machines install from here. Default: the one that was built for this version. */
  readonly packed?: PackedCommand | 'none';
  /** How the database is opened. Default: in a worker thread. */
  readonly storage?: (directory: string) => Promise<Storage>;
  /** Where log lines go. Default: standard error. */
  readonly logSink?: LogSink;
  /** How long the access token of a login lives, in seconds; pages renew theirs in time. Default 15 minutes. */
  readonly accessTokenSeconds?: number;
  /** Whether this machine reports itself. Default yes. */
  readonly localAgent?: 'on' | 'off';
}

/** A hub that runs. */
export interface Hub {
  /** Where people open it: `http://localhost:8000`. */
  readonly url: string;
  readonly port: number;
  /** In development on loopback: the path with the one-time code, to show once. */
  readonly startLink: string | undefined;
  readonly gateway: Gateway<HubChannels>;
  /** Ends every session with its slot to return, then everything else; within 2 s. */
  stop(): Promise<void>;
}

/** How often a hub looks whether a command beside it has changed accounts, in milliseconds. */
const noticeMs = 1000;

/** The secret of tokens: the setting's, else one that is generated once and kept. */
export async function resolveSecret(settings: Pick<Settings, 'secret'>, storage: Storage): Promise<string> {
  return settings.secret ?? (await storage.generated('secret', randomBytes(48).toString('base64url')));
}

/** Starts a hub. Throws a StartFault if something outside stands in the way; nothing is left running then. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { settings } = options;
  const log = createLog(settings, options.logSink);
  const selfCheck = createSelfCheck(settings, log);
  const storage = await (options.storage ?? openStorage)(settings.dataDir);
  try {
    return await compose(options, log, storage, selfCheck);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function compose(options: HubOptions, ownLog: Logger, storage: Storage, selfCheck: SelfCheck): Promise<Hub> {
  const { settings, monotonic, accessTokenSeconds: expiresIn } = options;
  const connections = await createConnections({ storage, gateway: () => gateway, log: ownLog });
  const { log } = connections;
  const { mode, host, issuer, audience, jwks } = settings;
  const secret = await resolveSecret(settings, storage);
  const passwords = createPasswords();
  if (settings.adminPassword !== undefined) await ensureAdmin(storage, passwords, settings.adminPassword);
  const accounts = await createAccounts(storage);
  const throttle = createLoginThrottle();
  const signIn = createSignIn({
    accounts,
    storage,
    passwords,
    throttle,
    secret,
    issuer,
    audience,
    ...(expiresIn === undefined ? {} : { expiresIn }),
  });

  const agents = await createAgents({
    storage,
    gateway: () => gateway,
    secret,
    issuer,
    audience,
    version: hubVersion,
    runsOf: (agent) => runs.runningOf(agent),
    forgetRuns: (agent) => runs.forgetAgent(agent),
    onClockOffset: selfCheck.onClockOffset,
    log,
  });
  const runs = await createRuns({
    storage,
    gateway: () => gateway,
    control: agents.control,
    onRunning: agents.refresh,
    log,
  });
  const retention = await createRetention({ storage, runs, log });
  const { registry } = agents;
  const chat = await createChat({
    storage,
    accounts,
    gateway: () => gateway,
    issuer,
    ratePerSecond: settings.chatRate,
    hasSubject: ({ type, id }) => (type === 'agent' ? registry.hasAgent(id) : runs.agentOf(id) !== undefined),
    log,
    monotonic,
  });
  const channels = declareChannels(
    { hasAgent: registry.hasAgent, hasFile: registry.hasFile, agentOf: runs.agentOf, rooms: chat.rooms },
    { onMetrics: agents.onMetrics, onRunEvents: runs.onRunEvents, onChat: chat.onAppended },
    chat.prepare,
  );
  const gateway: Gateway<HubChannels> = createGateway<HubChannels>({
    mode,
    host,
    channels,
    endpoints: declareEndpoints(agents.filesOf),
    methods: { ...agents.methods, ...runs.methods, ...chat.methods },
    allowedOrigins: settings.allowedOrigins,
    trustedProxies: settings.trustedProxies,
    credentials: {
      secret,
      issuer,
      audience,
      authorize: createAuthorize({ accounts, agents: registry, issuer }),
      ...(jwks === undefined
        ? {}
        : {
            issuers: {
              [jwks.issuer]: { jwksUrl: jwks.url, audience: jwks.audience, algorithms: ['EdDSA', 'ES256', 'RS256'] },
            },
          }),
    },
    store: createMessageStore({ storage, log, onCommitted: retention.onCommitted }),
    limitsFor: agents.limitsFor,
    recallAttempt: connections.outcome,
    onSession: chat.onSession,
    onEvent(event) {
      chat.onEvent(event);
      connections.onEvent(event);
      selfCheck.onEvent(event);
      agents.onEvent(event);
      runs.onEvent(event);
    },
    log,
  });
  endSessionsOnChange(accounts, gateway, issuer);

  const local = mode === 'development' && isLoopbackHost(host);
  const startCode = local ? createStartCode() : undefined;
  const origins = createOrigins(settings);
  const metrics = createMetrics(() => gateway.figures());
  const proxies = addressList(settings.trustedProxies);
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  const context = {
    version: hubVersion,
    settings,
    gateway,
    accounts,
    agents,
    runs,
    chat,
    retention,
    connections,
    passwords,
    signIn,
    startCode,
    cookies: createCookies({ secure: origins.secure, port: settings.port }),
    origins,
    files: readStaticFiles(options.dashboard ?? dashboardDirectory()),
    packed: options.packed === 'none' ? undefined : (options.packed ?? readPackedCommand(hubVersion)),
    metrics,
    log,
    addressOf: ({ socket, headers }: import('node:http').IncomingMessage): string =>
      clientAddress(socket.remoteAddress ?? '', headers['x-forwarded-for']?.toString(), proxies),
    ready: () => state === 'ready',
  };
  const app = createServer(context, createRoutes(context));
  await app.ready();
  agents.start();
  await runs.start();
  chat.start();
  retention.start();
  connections.start();
  app.server.on('request', selfCheck.onRequest);
  gateway.attach(app.server);
  const makeTwin = (): Server => {
    const twin = createHttpServer(origins);
    // What it cannot read is an attempt as well, and nobody else sees how that began.
    gateway.attach(twin);
    return twin;
  };
  const listening = await listen(app.server, host, settings.port, makeTwin).catch(async (fault: unknown) => {
    connections.stop();
    agents.stop();
    runs.stop();
    chat.stop();
    metrics.stop();
    await retention.stop();
    await gateway.stop({ returnWindowMs: 0 });
    await chat.flush();
    throw fault;
  });

  const notice = setInterval(() => {
    accounts.notice().catch((error: unknown) => log.error({ err: error }, 'accounts could not be read'));
  }, noticeMs);
  const dropOld = (): void => {
    const now = Date.now();
    accounts
      .dropLogins({ createdBefore: now - loginLifeMs, seenBefore: now - loginRestMs })
      .catch((error: unknown) => log.error({ err: error }, 'old logins could not be ended'));
  };
  dropOld();
  const drop = setInterval(dropOld, 3_600_000);
  const localAgent =
    options.localAgent === 'off'
      ? undefined
      : startLocalAgent({ gateway, metrics, log, version: hubVersion, reportFacts: agents.putLocal });
  selfCheck.tell(connections.newestAt);
  state = 'ready';

  const { port } = listening;
  const url = settings.mode === 'production' ? (settings.allowedOrigins[0] ?? '') : `http://localhost:${port}`;
  log.info({ mode, host, port }, `Telltale ${hubVersion} runs in ${mode} mode`);

  const shutDown = async (): Promise<void> => {
    state = 'stopping';
    clearInterval(notice);
    clearInterval(drop);
    localAgent?.stop();
    agents.stop();
    runs.stop();
    chat.stop();
    await gateway.stop();
    // At once: without the gateway the server knows nothing of its paths, and would say so to who comes back early.
    const closed = listening.close();
    await retention.stop();
    await agents.flush();
    await runs.flush();
    await chat.flush();
    connections.stop();
    await connections.flush();
    await closed;
    await app.close();
    metrics.stop();
    await storage.close();
    log.info({}, 'Telltale has stopped');
  };
  let stopped: Promise<void> | undefined;
  return {
    url,
    port,
    startLink: startCode === undefined ? undefined : `${url}/#start=${startCode.code}`,
    gateway,
    stop: () => (stopped ??= shutDown()),
  };
}
