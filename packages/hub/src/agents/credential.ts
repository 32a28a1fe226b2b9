// An agent's credential: a token of the hub like those of logins, whose `sid` says that it is an agent's and which one.

import { mintToken } from '../accounts/access-token.ts';

/** Ten years: it ends by revocation, or with the machine. */
const lifeSeconds = 10 * 365 * 86_400;

// No id of a login has a colon, so neither is ever taken for the other.
const prefix = 'agent:';

/** The credential that an enrolment becomes. Each is used once, so one id does for both. */
export function credentialIdOf(enrolment: string): string {
  return prefix + enrolment;
}

/** The enrolment that a credential was. */
export function enrolmentOf(credentialId: string): string {
  return credentialId.slice(prefix.length);
}

/** Whether the `sid` of one of the hub's tokens is, or once was, an agent's. */
export function isCredentialId(sid: string): boolean {
  return sid.startsWith(prefix);
}

export interface CredentialClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly agent: string;
  readonly credentialId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A JWT that is good for this agent on its machine for as long as the hub knows the credential. */
export function mintCredential(
  { issuer, audience, agent, credentialId, now }: CredentialClaims,
  secret: string,
): string {
  const issuedAt = Math.floor(now / 1000);
  return mintToken(
    {
      issuer,
      audience,
      subject: agent,
      scope: 'viewer',
      sid: credentialId,
      issuedAt,
      expiresAt: issuedAt + lifeSeconds,
    },
    secret,
  );
}
