// Everything about agents in one place: who they are, what they say, what is shown of them, what is wanted of them.
// Composed here, so that the hub connects one part instead of seven.

import type { MetricsMessage } from '@telltale/agent/sample';
import type { Appended, Gateway, GatewayEvent, GatewayLog, MethodDefinition } from '@telltale/gateway';
import type { Identity, Limits } from '@telltale/protocol';
import type { AgentRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import type { Storage } from '../storage/storage.ts';
import { localAgentName } from './agent-name.ts';
import { type AgentRegistry, createAgentRegistry } from './agent-registry.ts';
import { agentStatus, type AgentStatus } from './agent-status.ts';
import { createAgentsTable } from './agents-table.ts';
import { type Control, createControl } from './control.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { removeOldProcesses } from './old-processes.ts';
import { createReportingSessions, isReporting } from './reporting-sessions.ts';
import { createVitals } from './vitals.ts';

export interface AgentsOptions {
  readonly storage: Storage;
  /** Asked for only once the gateway is made. */
  readonly gateway: () => Gateway<HubChannels>;
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  /** The hub's version. */
  readonly version: string;
  /** How many runs of an agent are under way. */
  readonly runsOf: (agent: string) => number;
  /** Removes all runs of an agent. */
  readonly forgetRuns: (agent: string) => Promise<void>;
  /** An agent has said how far its clock is off: its own minus the hub's, in milliseconds. */
  readonly onClockOffset: (agent: string, offsetMs: number) => void;
  readonly log: GatewayLog;
}

export interface Agents {
  readonly registry: AgentRegistry;
  readonly enrolment: Enrolment;
  readonly control: Control;
  readonly methods: Readonly<Record<'agent.status', MethodDefinition>>;
  /** Forgets a revoked agent and all it reported; false where it is not revoked. */
  remove(agent: string): Promise<boolean>;
  /** Log files of an agent, by the last part of their channels. */
  filesOf(agent: string): readonly string[];
  /** Agents send more than pages do. */
  limitsFor(identity: Identity): Partial<Limits>;
  onMetrics(appended: Appended<MetricsMessage>): void;
  onEvent(event: GatewayEvent): void;
  /** The number of runs of this agent has changed. */
  refresh(agent: string): void;
  /** The hub's own machine, as it describes itself. */
  putLocal(row: AgentRow): void;
  /** Begins to publish; the gateway is made. */
  start(): void;
  /** Publishes no more; sessions that end from now on are still noted. */
  stop(): void;
  /** Saves what is not saved yet. */
  flush(): Promise<void>;
}

/** One timer for all that agents need; rows whose turn has come at every tick. */
const tickMs = 250;
/** Enrolments that expire, reports to save, changes by the command beside: once a second. */
const noticeTicks = 4;
/** Who was heard, and how long a round trip takes: every ten seconds. */
const lookTicks = 40;

const agentLimits: Partial<Limits> = {
  framesPerSecond: 1000,
  frameBurst: 2000,
  bytesPerSecond: 8 * 1024 * 1024,
  byteBurst: 16 * 1024 * 1024,
};

export async function createAgents(options: AgentsOptions): Promise<Agents> {
  const { storage, gateway, secret, issuer, audience, version, runsOf, forgetRuns, log } = options;
  const registry = await createAgentRegistry({
    storage,
    onSaveFailed: (error) => log.error({ err: error }, 'What agents report could not be saved; it is tried again'),
  });
  const enrolment = createEnrolment({ storage, registry, secret, issuer, audience });
  const sessions = createReportingSessions({ registry, onChanged: (agent) => table.refresh(agent) });
  const table = createAgentsTable({
    gateway,
    registry,
    reportingOf: (agent) => sessions.of(agent),
    runsOf,
    version,
    log,
  });
  const control = createControl({ gateway, log });
  const vitals = createVitals({ gateway, log });
  const published = [table, control, vitals] as const;
  let state: 'new' | 'running' | 'stopped' = 'new';
  let timer: NodeJS.Timeout | undefined;
  let ticks = 0;

  registry.onChange((change) => {
    if (state !== 'running') return;
    const { name } = change;
    if (change.kind === 'ended') {
      const reasons = {
        'token-revoked': 'The credential of this agent was revoked.',
        'machine-changed': 'An administrator has given the credential of this agent to another machine.',
      };
      gateway().endSessions(({ sid }) => sid === change.credentialId, change.end, reasons[change.end]);
      return;
    }
    if (!registry.hasAgent(name)) {
      control.forget(name);
      vitals.forget(name);
      gateway().rightsChanged('all');
    }
    table.refresh(name);
  });

  /** A credential that was revoked while its session was being admitted was not there to be ended. */
  const endIfRevoked = ({ id, sid, identity }: Extract<GatewayEvent, { type: 'admitted' }>['session']): void => {
    if (identity.kind !== 'agent') return;
    const agent = registry.ofCredential(sid ?? '');
    if (agent !== undefined && agent.revokedAt === null) return;
    // Later: the session is not welcomed yet.
    setImmediate(() => {
      gateway().endSessions(
        (session) => session.id === id,
        'token-revoked',
        'The credential of this agent was revoked.',
      );
    });
  };

  const tick = (): void => {
    for (const one of published) one.tick();
    if (++ticks % lookTicks === 0) sessions.look();
    if (ticks % noticeTicks !== 0) return;
    registry.tick();
    registry.notice().catch((error: unknown) => log.error({ err: error }, 'agents could not be read'));
  };
  let forgetInterest = (): void => {};

  return {
    registry,
    enrolment,
    control,
    methods: {
      'agent.status': {
        allows: ({ kind }) => kind === 'agent',
        schema: agentStatus,
        handle(status, session) {
          sessions.onStatus(status as AgentStatus, session);
          options.onClockOffset(session.identity.subject, (status as AgentStatus).clockOffsetMs);
          return {};
        },
      },
    },
    async remove(agent) {
      if ((registry.agent(agent)?.revokedAt ?? null) === null) return false;
      // First what it reported: who finds the agent still there after a crash removes it again.
      await forgetReports(storage, agent);
      await forgetRuns(agent);
      return await registry.remove(agent);
    },
    filesOf: (agent) => registry.agent(agent)?.files.map(({ file }) => file) ?? [],
    limitsFor: ({ kind }) => (kind === 'agent' ? agentLimits : {}),
    onMetrics: (appended) => vitals.onMetrics(appended),
    onEvent(event) {
      sessions.onEvent(event);
      if (event.type !== 'admitted') return;
      if (isReporting(event.session) && state === 'running') {
        const agent = event.session.identity.subject;
        control.pace(agent);
        removeOldProcesses(gateway(), agent).catch((error: unknown) => {
          log.error({ err: error, agent }, 'The processes of an earlier session could not be removed');
        });
      }
      endIfRevoked(event.session);
    },
    refresh: (agent) => table.refresh(agent),
    putLocal: (row) => table.putLocal(row),
    start() {
      state = 'running';
      for (const { name } of [...registry.agents(), ...registry.waiting()]) table.refresh(name ?? '');
      const names = [localAgentName, ...[...registry.agents()].map(({ name }) => name)];
      vitals.seed(names).catch((error: unknown) => log.error({ err: error }, 'stored samples could not be read'));
      forgetInterest = gateway().onInterest((channel, interested) => {
        const [family, agent = ''] = channel.split('/');
        if (family === 'metrics' || family === 'processes') {
          if (sessions.of(agent) !== undefined) control.pace(agent);
        } else if (interested) {
          for (const one of published) one.restore(channel);
        }
      });
      timer = setInterval(tick, tickMs);
    },
    stop() {
      state = 'stopped';
      clearInterval(timer);
      forgetInterest();
      vitals.stop();
    },
    flush: () => registry.flush(),
  };
}

/** Removes what is stored of an agent's own channels. Nobody writes there any more. */
async function forgetReports(storage: Storage, agent: string): Promise<void> {
  const channels = [`metrics/${agent}`, ...(await storage.storedChannels(`logs/${agent}`))];
  for (const channel of channels) while (await storage.expire({ kind: 'log', channel }));
}
