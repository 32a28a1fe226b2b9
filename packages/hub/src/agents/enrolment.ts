// How a machine becomes an agent: an administrator makes a token, the machine exchanges it for a credential of its own.
// Decides and answers with values; knows no HTTP. Called by the routes and, for its first half, by the command.

import type { Enrolled, Storage } from '../storage/storage.ts';
import { plainText } from '../plain-text.ts';
import { agentNameOf } from './agent-name.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { mostTitle } from './agent-status.ts';
import { credentialIdOf, mintCredential } from './credential.ts';
import { enrolmentHash, enrolmentId, enrolmentMs, newEnrolmentToken } from './enrolment-token.ts';

/** An enrolment as whoever made it sees it, once. */
export interface NewEnrolment {
  readonly id: string;
  readonly token: string;
  readonly name: string | null;
  readonly expiresAt: number;
}

/** Makes an enrolment; undefined where too many wait. One for an existing agent's name lets it have a new machine. */
export async function createEnrolmentIn(
  storage: Pick<Storage, 'addEnrolment'>,
  ask: { readonly name: string | null; readonly createdBy: string; readonly now: number },
): Promise<NewEnrolment | undefined> {
  const { name, createdBy, now } = ask;
  const token = newEnrolmentToken();
  const expiresAt = now + enrolmentMs;
  const hash = enrolmentHash(token);
  const isAdded = await storage.addEnrolment({
    hash,
    name,
    created_by: createdBy,
    created_at: now,
    expires_at: expiresAt,
  });
  return isAdded ? { id: enrolmentId(token), token, name, expiresAt } : undefined;
}

export type EnrolOutcome =
  | { readonly kind: 'enrolled'; readonly agent: string; readonly credential: string; readonly createdBy: string }
  | Exclude<Enrolled, { kind: 'enrolled' }>;

export interface Enrolment {
  create(name: string | null, createdBy: string): Promise<NewEnrolment | undefined>;
  /** Ends what waits under this name. */
  end(name: string): Promise<boolean>;
  /** Spends a token. The name and the machine have been checked for their form. */
  enrol(ask: {
    readonly token: string;
    readonly name: string | undefined;
    readonly machine: string;
    readonly title: string | undefined;
  }): Promise<EnrolOutcome>;
}

export interface EnrolmentOptions {
  readonly storage: Storage;
  readonly registry: Pick<AgentRegistry, 'reload'>;
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly now?: () => number;
}

export function createEnrolment(options: EnrolmentOptions): Enrolment {
  const { storage, registry, secret, issuer, audience, now = Date.now } = options;
  return {
    async create(name, createdBy) {
      const made = await createEnrolmentIn(storage, { name, createdBy, now: now() });
      await registry.reload();
      return made;
    },
    async end(name) {
      const isEnded = await storage.endEnrolments(name);
      await registry.reload();
      return isEnded;
    },
    async enrol({ token, name, machine, title }) {
      const time = now();
      const credentialId = credentialIdOf(enrolmentId(token));
      const facts = { title: plainText(title ?? '', mostTitle), platform: '', cores: 0, version: '' };
      const enrolled = await storage.enrol({
        hash: enrolmentHash(token),
        name,
        otherwise: agentNameOf(title ?? ''),
        machine,
        facts: JSON.stringify(facts),
        credentialId,
        now: time,
      });
      if (enrolled.kind !== 'enrolled') return enrolled;
      await registry.reload();
      const { name: agent, createdBy } = enrolled;
      const credential = mintCredential({ issuer, audience, agent, credentialId, now: time }, secret);
      return { kind: 'enrolled', agent, credential, createdBy };
    },
  };
}
