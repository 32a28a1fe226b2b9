// The store's word on a token that was verified: whether its login still stands, whether its user may come in, and with
// which rights now. Given to the gateway; answers from memory, because rules may not wait.

import type { ClaimedIdentity, Verified } from '@telltale/gateway';
import type { Accounts } from './accounts.ts';

/**
 * Decides what a verified token is worth. With `sid` the login and its user decide; without, the user if
 * the subject is one, else the token's own scope. Tokens of other issuers are left as they are.
 */
export function createAuthorize(accounts: Accounts, issuer: string): (claimed: ClaimedIdentity) => Verified {
  return (claimed) => {
    if (claimed.issuer !== issuer) return claimed;
    const user = accounts.user(claimed.subject);
    if (user?.disabled === 1) return { kind: 'refused', name: 'account-disabled', detail: `user ${claimed.subject}` };
    if (claimed.sid !== undefined && accounts.login(claimed.sid)?.username !== claimed.subject) {
      return { kind: 'refused', name: 'token-session-ended', detail: `login of ${claimed.subject} has ended` };
    }
    if (user === undefined) return claimed;
    return { ...claimed, scope: user.role, name: user.name ?? user.username };
  };
}
