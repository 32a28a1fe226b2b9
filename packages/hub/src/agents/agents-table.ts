// The tables `agents` and `agents/<agent>`: one row of what registry and sessions know of each agent, the hub's own
// machine included. Publishes; decides nothing.

import type { Gateway, GatewayLog } from '@telltale/gateway';
import type { AgentRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import { localAgentName } from './agent-name.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { isOlderByMinor } from './agent-status.ts';
import { enrolmentOf } from './credential.ts';
import type { Reporting } from './reporting-sessions.ts';

/** An agent may say much; nobody reads more than a few rows of it a second. */
const rowMs = 250;

export interface AgentsTableOptions {
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read'>;
  readonly registry: Pick<AgentRegistry, 'agent' | 'waitingFor'>;
  readonly reportingOf: (agent: string) => Reporting | undefined;
  /** How many of its runs are under way. */
  readonly runsOf: (agent: string) => number;
  /** The hub's version. */
  readonly version: string;
  readonly log: GatewayLog;
}

export interface AgentsTable {
  /** Publishes what is known of this agent now, or its end. */
  refresh(agent: string): void;
  /** The row of the hub's own machine, as it describes itself. */
  putLocal(row: AgentRow): void;
  /** Somebody has begun to read this channel. */
  restore(channel: string): void;
  tick(): void;
}

export function createAgentsTable(options: AgentsTableOptions): AgentsTable {
  const { gateway, registry, reportingOf, runsOf, version, log } = options;
  const all = new LiveTable({ gateway, channel: 'agents', everyMs: rowMs, log });
  const each = new Map<string, LiveTable<`agents/${string}`>>();
  let local: AgentRow | undefined;

  const rowOf = (name: string): AgentRow | undefined => {
    if (name === localAgentName) return local && { ...local, runs: runsOf(name) };
    const agent = registry.agent(name);
    const waiting = registry.waitingFor(name);
    if (agent === undefined) return waiting && waitingRow(name, waiting.created_at, waiting.expires_at);
    const open = reportingOf(name);
    const { facts, conflict } = agent;
    const isRevoked = agent.revokedAt !== null;
    return {
      agent: name,
      title: facts.title === '' ? name : facts.title,
      platform: facts.platform,
      cores: facts.cores,
      version: facts.version,
      isTooOld: isOlderByMinor(facts.version, version),
      state: isRevoked ? 'revoked' : agent.state,
      since: agent.revokedAt ?? agent.since,
      reason: isRevoked ? null : agent.reason,
      lastSeenAt: open?.heardAt ?? agent.lastSeenAt,
      clockOffsetMs: open?.clockOffsetMs ?? null,
      roundTripMs: rounded(open?.session.roundTripMs),
      behindMs: open?.behindMs ?? 0,
      spooledBytes: open?.spooledBytes ?? 0,
      conflict: conflict === null || conflict.isDismissed ? null : shownConflict(conflict),
      files: agent.files,
      runs: runsOf(name),
      expiresAt: waiting?.expires_at ?? null,
      credential: { enrolment: enrolmentOf(agent.credentialId), since: agent.enrolledAt },
    };
  };

  const tableOf = (name: string): LiveTable<`agents/${string}`> => {
    const table = each.get(name) ?? new LiveTable({ gateway, channel: `agents/${name}`, everyMs: rowMs, log });
    each.set(name, table);
    return table;
  };

  const refresh = (name: string): void => {
    const row = rowOf(name);
    if (row === undefined) {
      all.remove(name);
      // Its channel is gone with it.
      each.delete(name);
      return;
    }
    all.put(name, row);
    tableOf(name).put(name, row);
  };

  return {
    refresh,
    putLocal(row) {
      local = row;
      refresh(localAgentName);
    },
    restore(channel) {
      const [family, name] = channel.split('/');
      if (family !== 'agents') return;
      const table = name === undefined ? all : each.get(name);
      table?.restore().catch((error: unknown) => log.error({ err: error, channel }, 'A table could not be read'));
    },
    tick() {
      all.tick();
      for (const table of each.values()) table.tick();
    },
  };
}

function waitingRow(agent: string, since: number, expiresAt: number): AgentRow {
  return {
    agent,
    title: agent,
    platform: '',
    cores: 0,
    version: '',
    isTooOld: false,
    state: 'never-seen',
    since,
    reason: null,
    lastSeenAt: null,
    clockOffsetMs: null,
    roundTripMs: null,
    behindMs: 0,
    spooledBytes: 0,
    conflict: null,
    files: [],
    runs: 0,
    expiresAt,
    credential: null,
  };
}

/** Without the fingerprint: that is for the registry alone. */
function shownConflict({ title, address, since, at, count }: NonNullable<AgentRow['conflict']>): AgentRow['conflict'] {
  return { title, address, since, at, count };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
