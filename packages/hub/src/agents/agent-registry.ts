// Which agents there are and what is known of each, in memory for rules that may not wait, in storage for good. The one
// place that changes them, and the one that tells what a change means, whoever made it: this hub or the command beside
// it. Knows no socket and no token.

import type { EndName } from '@telltale/protocol';
import type { AgentRecord, EnrolmentRecord } from '../storage/schema.ts';
import type { AgentFacts, Storage } from '../storage/storage.ts';
import { localAgentName } from './agent-name.ts';
import { type Conflict, type OtherMachine, withOtherMachine } from './machine-conflict.ts';
import { ReportSaver } from './report-saver.ts';

/** What a machine says of itself; texts are cleaned, numbers are in range. */
export interface AgentDescription {
  readonly title: string;
  readonly platform: string;
  readonly cores: number;
  readonly version: string;
}

export interface LogFile {
  readonly file: string;
  readonly title: string;
}

export interface Agent {
  readonly name: string;
  readonly credentialId: string;
  readonly machine: string;
  readonly enrolledAt: number;
  readonly enrolledBy: string;
  readonly revokedAt: number | null;
  readonly facts: AgentDescription;
  readonly files: readonly LogFile[];
  readonly state: AgentRecord['state'];
  readonly since: number;
  readonly reason: string | null;
  readonly lastSeenAt: number | null;
  readonly conflict: Conflict | null;
}

/** The part of an agent that follows its sessions and its own reports. */
export type AgentReportChange = Partial<
  Pick<Agent, 'facts' | 'files' | 'state' | 'since' | 'reason' | 'lastSeenAt' | 'conflict'>
>;

export type AgentChange =
  /** Something of this name is new, other, or gone. */
  | { readonly kind: 'changed'; readonly name: string }
  /** Sessions that this credential has opened must end. */
  | {
      readonly kind: 'ended';
      readonly name: string;
      readonly credentialId: string;
      readonly end: Extract<EndName, 'token-revoked' | 'machine-changed'>;
    };

export interface AgentRegistry {
  agent(name: string): Agent | undefined;
  agents(): Iterable<Agent>;
  ofCredential(credentialId: string): Agent | undefined;
  /** Named enrolments that wait for their machine. */
  waiting(): Iterable<EnrolmentRecord>;
  waitingFor(name: string): EnrolmentRecord | undefined;
  /** Whether channels of this name exist: an agent's, one that is waited for, the hub's own machine's. */
  hasAgent(name: string): boolean;
  hasFile(name: string, file: string): boolean;
  onChange(listener: (change: AgentChange) => void): void;
  /** Reads everything anew and tells the differences. */
  reload(): Promise<void>;
  /** Reloads if another process has changed the database since the last time. */
  notice(): Promise<void>;
  revoke(name: string): Promise<boolean>;
  /** Forgets a revoked agent. */
  remove(name: string): Promise<boolean>;
  /** Decides the open conflict that began then; false where there is none, or another one. */
  decide(name: string, decision: 'allow' | 'keep', since: number): Promise<boolean>;
  /** Another machine came with this agent's credential. */
  sawOtherMachine(name: string, other: OtherMachine): void;
  /** Takes what a session or a report has changed. Saved within a second, or within a minute where a loss is no harm. */
  report(name: string, change: AgentReportChange, saved: 'soon' | 'lazily'): void;
  /** Called once a second: lets enrolments expire, saves what is due. */
  tick(): void;
  /** Saves everything that is not saved yet. */
  flush(): Promise<void>;
}

export interface AgentRegistryOptions {
  readonly storage: Storage;
  readonly onSaveFailed: (error: unknown) => void;
  readonly now?: () => number;
}

/** How long the time an agent was last seen may be unsaved. */
const lastSeenMs = 60_000;

export async function createAgentRegistry(options: AgentRegistryOptions): Promise<AgentRegistry> {
  const { storage, onSaveFailed, now = Date.now } = options;
  let agents = new Map<string, Agent>();
  let credentials = new Map<string, string>();
  let enrolments = new Map<string, EnrolmentRecord>();
  const listeners: ((change: AgentChange) => void)[] = [];
  const saver = new ReportSaver({
    save: async (names) => {
      const found = names.flatMap((name) => agents.get(name) ?? []);
      await storage.saveReports(found.map(reportOf));
    },
    onFailed: onSaveFailed,
    lazyMs: lastSeenMs,
    now,
  });
  let counter = await storage.changeCounter();
  let reloading: Promise<void> = Promise.resolve();

  const tell = (change: AgentChange): void => {
    for (const listener of listeners) listener(change);
  };

  const apply = (facts: AgentFacts): void => {
    const [oldAgents, oldEnrolments] = [agents, enrolments];
    agents = new Map(facts.agents.map((record) => [record.name, joined(record, oldAgents.get(record.name))]));
    credentials = new Map([...agents.values()].map(({ credentialId, name }) => [credentialId, name]));
    const time = now();
    enrolments = new Map(
      facts.enrolments.flatMap((enrolment) =>
        enrolment.name === null || enrolment.expires_at <= time ? [] : [[enrolment.name, enrolment]],
      ),
    );
    for (const [name, agent] of agents) {
      const old = oldAgents.get(name);
      // What was being saved when its credential changed may have put the old state back.
      if (old !== undefined && old !== agent) saver.mark(name, 'soon');
    }
    for (const old of oldAgents.values()) {
      const end = endOf(old, agents.get(old.name));
      if (end !== undefined) tell({ kind: 'ended', name: old.name, credentialId: old.credentialId, end });
    }
    for (const name of new Set([
      ...oldAgents.keys(),
      ...agents.keys(),
      ...oldEnrolments.keys(),
      ...enrolments.keys(),
    ])) {
      const isSame =
        agents.get(name) === oldAgents.get(name) && enrolments.get(name)?.hash === oldEnrolments.get(name)?.hash;
      if (!isSame) tell({ kind: 'changed', name });
    }
  };

  // One after the other: an answer that was read earlier must not overwrite one read later.
  const reload = (): Promise<void> => {
    const next = reloading.then(async () => apply(await storage.agentFacts()));
    reloading = next.catch(() => undefined);
    return next;
  };
  const andReload = async <Result>(result: Promise<Result>): Promise<Result> => {
    const value = await result;
    await reload();
    return value;
  };

  const report: AgentRegistry['report'] = (name, change, saved) => {
    const agent = agents.get(name);
    if (agent === undefined) return;
    agents.set(name, { ...agent, ...change });
    saver.mark(name, saved);
    tell({ kind: 'changed', name });
  };

  await reload();
  // What was live when the last hub ended is a line that was lost then.
  for (const { name, state, since, lastSeenAt } of agents.values()) {
    if (state === 'live') report(name, { state: 'lost', since: lastSeenAt ?? since }, 'soon');
  }

  return {
    agent: (name) => agents.get(name),
    agents: () => agents.values(),
    ofCredential: (credentialId) => agents.get(credentials.get(credentialId) ?? ''),
    waiting: () => enrolments.values(),
    waitingFor: (name) => enrolments.get(name),
    hasAgent: (name) => name === localAgentName || agents.has(name) || enrolments.has(name),
    hasFile: (name, file) => agents.get(name)?.files.some((known) => known.file === file) === true,
    onChange: (listener) => void listeners.push(listener),
    reload,
    async notice() {
      const found = await storage.changeCounter();
      if (found === counter) return;
      await reload();
      // Only now: a reload that failed is tried again.
      counter = found;
    },
    revoke: (name) => andReload(storage.revokeAgent(name, now())),
    remove: (name) => andReload(storage.removeAgent(name)),
    async decide(name, decision, since) {
      const conflict = agents.get(name)?.conflict ?? null;
      if (conflict === null || conflict.isDismissed || conflict.since !== since) return false;
      if (decision === 'allow') return await andReload(storage.setMachine(name, conflict.machine));
      report(name, { conflict: { ...conflict, isDismissed: true } }, 'soon');
      return true;
    },
    sawOtherMachine(name, other) {
      const before = agents.get(name)?.conflict ?? null;
      const conflict = withOtherMachine(before, other, now());
      if (conflict === before) return;
      const isNew = before?.machine !== conflict?.machine;
      report(name, { conflict }, isNew ? 'soon' : 'lazily');
    },
    report,
    tick() {
      const time = now();
      for (const [name, { expires_at: expiresAt }] of enrolments) {
        if (expiresAt > time) continue;
        enrolments.delete(name);
        tell({ kind: 'changed', name });
      }
      saver.tick();
    },
    flush: () => saver.flush(),
  };
}

/**
 * An agent as storage and memory know it: who it is comes from storage, which the command changes too; what sessions
 * and reports say is newer in memory. The same object where nothing is other.
 */
function joined(record: AgentRecord, old: Agent | undefined): Agent {
  const stored = agentOf(record);
  if (old === undefined) return stored;
  const isSame =
    old.credentialId === stored.credentialId && old.machine === stored.machine && old.revokedAt === stored.revokedAt;
  if (isSame) return old;
  const { credentialId, machine, enrolledAt, enrolledBy, revokedAt } = stored;
  // Whoever decided anything about the credential has decided the conflict.
  return { ...old, credentialId, machine, enrolledAt, enrolledBy, revokedAt, conflict: null };
}

/** Why sessions of an agent as it was must end, if they must. */
function endOf(old: Agent, now: Agent | undefined): 'token-revoked' | 'machine-changed' | undefined {
  if (now === undefined || now.credentialId !== old.credentialId) return 'token-revoked';
  if (now.revokedAt !== null && old.revokedAt === null) return 'token-revoked';
  return now.machine === old.machine ? undefined : 'machine-changed';
}

function agentOf(record: AgentRecord): Agent {
  const { name, machine, state, since, reason } = record;
  return {
    name,
    credentialId: record.credential_id,
    machine,
    enrolledAt: record.enrolled_at,
    enrolledBy: record.enrolled_by,
    revokedAt: record.revoked_at,
    facts: JSON.parse(record.facts) as AgentDescription,
    files: JSON.parse(record.files) as readonly LogFile[],
    state,
    since,
    reason,
    lastSeenAt: record.last_seen_at,
    conflict: record.conflict === null ? null : (JSON.parse(record.conflict) as Conflict),
  };
}

function reportOf(agent: Agent): Parameters<Storage['saveReports']>[0][number] {
  const { name, facts, files, state, since, reason, lastSeenAt, conflict } = agent;
  return {
    name,
    facts: JSON.stringify(facts),
    files: JSON.stringify(files),
    state,
    since,
    reason,
    last_seen_at: lastSeenAt,
    conflict: conflict === null ? null : JSON.stringify(conflict),
  };
}
