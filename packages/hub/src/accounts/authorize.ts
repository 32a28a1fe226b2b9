// The store's word on a token that was verified: whether its login or its agent's credential still stands, and with which
// rights now. Given to the gateway; answers from memory, because rules may not wait.

import type { ClaimedIdentity, CredentialRequest, Verified } from '@telltale/gateway';
import { isMachine } from '../agents/agent-name.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import { isCredentialId } from '../agents/credential.ts';
import type { Accounts } from './accounts.ts';

export interface AuthorizeOptions {
  readonly accounts: Pick<Accounts, 'user' | 'login'>;
  readonly agents: Pick<AgentRegistry, 'ofCredential' | 'sawOtherMachine'>;
  readonly issuer: string;
}

/**
 * Decides what a verified token is worth. An agent's is told by its `sid`, never by its subject, which may be a user's
 * name as well. Of the others, with `sid` the login and its user decide; without, the user if the subject is one, else
 * the token's own scope. Tokens of other issuers are left as they are.
 */
export function createAuthorize(
  options: AuthorizeOptions,
): (claimed: ClaimedIdentity, request: CredentialRequest | undefined) => Verified {
  const { accounts, agents, issuer } = options;

  const agent = (claimed: ClaimedIdentity, credentialId: string, request: CredentialRequest | undefined): Verified => {
    const { subject, expiresAt } = claimed;
    const known = agents.ofCredential(credentialId);
    if (known === undefined || known.name !== subject || known.revokedAt !== null) {
      const why = known === undefined ? 'was replaced, or its agent was removed' : 'was revoked';
      return { kind: 'refused', name: 'agent-revoked', detail: `the credential of ${subject} ${why}` };
    }
    // A live session that renews itself has shown its machine when it began.
    if (request !== undefined) {
      const machine = request.parameters.get('machine');
      if (machine === undefined || !isMachine(machine)) return { kind: 'refused', name: 'machine-missing' };
      if (machine !== known.machine) {
        const { address, userAgent } = request;
        agents.sawOtherMachine(subject, { machine, address, userAgent });
        return { kind: 'refused', name: 'machine-mismatch', detail: `agent ${subject} is enrolled on another machine` };
      }
    }
    return {
      kind: 'identity',
      identityKind: 'agent',
      issuer,
      subject,
      scope: 'viewer',
      sid: credentialId,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  };

  const user = (claimed: ClaimedIdentity): Verified => {
    const { subject, sid } = claimed;
    const known = accounts.user(subject);
    if (known?.disabled === 1) return { kind: 'refused', name: 'account-disabled', detail: `user ${subject}` };
    if (sid !== undefined && accounts.login(sid)?.username !== subject) {
      return { kind: 'refused', name: 'token-session-ended', detail: `login of ${subject} has ended` };
    }
    return known === undefined ? claimed : { ...claimed, scope: known.role, name: known.name ?? known.username };
  };

  return (claimed, request) => {
    const { sid } = claimed;
    if (claimed.issuer !== issuer) return claimed;
    return sid !== undefined && isCredentialId(sid) ? agent(claimed, sid, request) : user(claimed);
  };
}
