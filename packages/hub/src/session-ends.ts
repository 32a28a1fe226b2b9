// Carries changes of accounts to live sessions: who lost the right to be here is ended, who has other rights is told.
// The only place that knows which change ends which sessions.

import type { Gateway, SessionView } from '@telltale/gateway';
import type { Accounts } from './accounts/accounts.ts';
import type { HubChannels } from './channels.ts';

/** Follows the accounts for as long as they live. */
export function endSessionsOnChange(
  accounts: Accounts,
  gateway: Pick<Gateway<HubChannels>, 'endSessions' | 'rightsChanged'>,
  issuer: string,
): void {
  accounts.onChange((change) => {
    const { username } = change;
    const theirs = (session: SessionView): boolean =>
      session.identity.issuer === issuer && session.identity.kind === 'user' && session.identity.subject === username;
    switch (change.kind) {
      case 'disabled':
        gateway.endSessions(theirs, 'account-disabled', 'This account was disabled.');
        return;
      case 'password':
        gateway.endSessions(theirs, 'password-changed', 'The password of this account was changed.');
        return;
      case 'login-ended':
        gateway.endSessions((session) => session.sid === change.sid, change.name, 'This login has ended.');
        return;
      case 'rights':
        gateway.rightsChanged({
          subject: username,
          issuer,
          kind: 'user',
          identity: { scope: change.role, name: change.name ?? username },
        });
    }
  });
}
