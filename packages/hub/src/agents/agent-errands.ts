// What the command beside a hub does with agents, on storage it has opened for that. A hub that runs takes note within a
// second.

import type { AgentState } from '../api.ts';
import type { Storage } from '../storage/storage.ts';
import type { AgentDescription } from './agent-registry.ts';

/** An agent, or the name one is waited for under, as it was saved last. */
export interface ListedAgent {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly state: AgentState;
  readonly since: number;
  readonly lastSeenAt: number | null;
}

/** All agents and named enrolments that wait, by name. */
export async function listAgents(storage: Pick<Storage, 'agentFacts'>, now: number): Promise<readonly ListedAgent[]> {
  const { agents, enrolments } = await storage.agentFacts();
  const listed = agents.map((agent): ListedAgent => {
    const { title, version } = JSON.parse(agent.facts) as AgentDescription;
    const { name, revoked_at: revokedAt, last_seen_at: lastSeenAt } = agent;
    const stands = revokedAt === null ? agent : { state: 'revoked' as const, since: revokedAt };
    return { name, title, version, state: stands.state, since: stands.since, lastSeenAt };
  });
  const names = new Set(agents.map(({ name }) => name));
  for (const { name, created_at: since, expires_at: expiresAt } of enrolments) {
    if (name === null || names.has(name) || expiresAt <= now) continue;
    listed.push({ name, title: '', version: '', state: 'never-seen', since, lastSeenAt: null });
  }
  return listed.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Revokes an agent's credential; its sessions end within two seconds. */
export async function revokeAgent(
  storage: Pick<Storage, 'agentFacts' | 'revokeAgent'>,
  name: string,
  now: number,
): Promise<'revoked' | 'already-revoked' | 'missing'> {
  if (await storage.revokeAgent(name, now)) return 'revoked';
  const { agents } = await storage.agentFacts();
  return agents.some((agent) => agent.name === name) ? 'already-revoked' : 'missing';
}
