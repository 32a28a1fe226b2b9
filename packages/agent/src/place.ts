// Where an agent lives on its machine: a directory with its credential, its spools beside it. Reading and writing of it;
// what the credential opens is the hub's to say.

import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { machineFingerprint } from './fingerprint.ts';

/** An agent of this machine, ready to connect. */
export interface Place {
  /** Where the hub is: `https://ops.example.com`. */
  readonly hub: string;
  readonly agent: string;
  /** What it shows the hub; never shown to anybody else. */
  readonly credential: string;
  /** What tells this machine from others, as it is now: a copied credential does not bring it along. */
  readonly machine: string;
  /** Its own directory. */
  readonly directory: string;
  /** SHA-256 of the enrolment token that it came with, as base64url. */
  readonly enrolledWith?: string | undefined;
}

export type FoundPlace =
  | { readonly kind: 'found'; readonly place: Place }
  /** No agent was enrolled here, or none of that name. */
  | { readonly kind: 'none'; readonly directory: string }
  | { readonly kind: 'several'; readonly agents: readonly string[] }
  /** There is one, but its file cannot be read: why, in words. */
  | { readonly kind: 'unreadable'; readonly reason: string };

type Environment = Readonly<Record<string, string | undefined>>;

const fileName = 'credential.json';

/** Whether a name may be an agent's: here it becomes a directory. */
export function isAgentName(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(text);
}

/** The directory of all agents of this user's, or of the whole machine for root. */
export function agentsDirectory(env: Environment = process.env): string {
  const { TELLTALE_AGENT_DIR: named, XDG_STATE_HOME: state } = env;
  if (named !== undefined && named !== '') return named;
  if (process.getuid?.() === 0) return '/var/lib/telltale-agent';
  return join(state !== undefined && state !== '' ? state : join(homedir(), '.local', 'state'), 'telltale-agent');
}

/** Finds an agent that was enrolled on this machine: the one of this name, or the only one. */
export function findPlace(options: {
  readonly directory: string;
  readonly agent?: string | undefined;
  readonly env?: Environment;
}): FoundPlace {
  const { directory, agent, env = process.env } = options;
  const enrolled = agent === undefined ? enrolledAgents(directory) : [agent];
  const [only, another] = enrolled;
  if (only === undefined || !isAgentName(only)) return { kind: 'none', directory };
  if (another !== undefined) return { kind: 'several', agents: enrolled };
  const path = join(directory, only, fileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? { kind: 'none', directory }
      : {
          kind: 'unreadable',
          reason: `${path} cannot be read (${code}): run this as the user who enrolled the agent.`,
        };
  }
  const file = parse(text);
  if (file === undefined) {
    return { kind: 'unreadable', reason: `${path} is no credential of an agent: enrol this machine again.` };
  }
  return { kind: 'found', place: { ...file, machine: machineFingerprint(env), directory: join(directory, only) } };
}

/** The agents that were enrolled on this machine, by name. */
export function enrolledAgents(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isAgentName(entry.name))
      .map(({ name }) => name)
      .filter((name) => readdirSync(join(directory, name)).includes(fileName))
      .sort();
  } catch {
    // There is none, or it is not ours to see: naming the agent says more.
    return [];
  }
}

/** Keeps a credential for this user's eyes alone. Throws what the disk throws. */
export function savePlace(place: Omit<Place, 'directory'>, directory: string): Place {
  const { hub, agent, credential, machine, enrolledWith } = place;
  const own = join(directory, agent);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const path = join(own, fileName);
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify({ hub, agent, credential, machine, enrolledWith }, undefined, 2)}\n`, {
    mode: 0o600,
    // A file of our own, never what a link of somebody else's leads to.
    flag: 'wx',
  });
  // Also where the umask is a strange one.
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return { ...place, directory: own };
}

function parse(text: string): Omit<Place, 'directory' | 'machine'> | undefined {
  try {
    const { hub, agent, credential, enrolledWith: token } = JSON.parse(text) as Record<string, unknown>;
    if (typeof hub !== 'string' || typeof credential !== 'string' || !isAgentName(agent)) return undefined;
    const enrolledWith = typeof token === 'string' ? token : undefined;
    return { hub, agent, credential, enrolledWith };
  } catch {
    return undefined;
  }
}

/** Where a spool of this place is kept: the agent's own, or that of a run. */
export function spoolDirectory(place: Pick<Place, 'directory'>, name: 'agent' | `run-${string}`): string {
  return join(place.directory, 'spool', name);
}

/** The WebSocket address of a path below the hub, with what tells this machine from others. */
export function placeUrl({ hub, machine }: Pick<Place, 'hub' | 'machine'>, path: string): string {
  const url = new URL(path.replace(/^\//, ''), hub.endsWith('/') ? hub : `${hub}/`);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  url.searchParams.set('machine', machine);
  return url.href;
}
