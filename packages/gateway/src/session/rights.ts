// Runs the rules again where what they depend on has changed (SUB8).

import { compilePattern, type Identity, type IdentityKind } from '@telltale/protocol';
import type { Session } from './session.ts';

/** Whose rules are to be run again. */
export type RightsChange =
  | {
      readonly subject: string;
      readonly issuer?: string;
      readonly kind?: IdentityKind;
      readonly identity?: Partial<Pick<Identity, 'scope' | 'name'>>;
    }
  | { readonly pattern: string }
  | 'all';

/** What a change makes of an identity; undefined: nothing, it is somebody else's. */
export function changedIdentity(its: Identity, change: RightsChange): Identity | undefined {
  if (change === 'all' || !('subject' in change)) return undefined;
  const { subject, issuer = its.issuer, kind = its.kind, identity } = change;
  if (its.subject !== subject || its.issuer !== issuer || its.kind !== kind) return undefined;
  return { ...its, ...identity };
}

export function recheckRights(sessions: Iterable<Session>, change: RightsChange): void {
  const pattern = change !== 'all' && 'pattern' in change ? compilePattern(change.pattern) : undefined;
  for (const session of sessions) {
    try {
      if (change !== 'all' && 'subject' in change) {
        const changed = changedIdentity(session.identity, change);
        if (changed === undefined) continue;
        session.identity = changed;
        session.rightsChanges++;
      }
      session.recheck(pattern === undefined ? undefined : (channel) => pattern.match(channel) !== undefined);
    } catch (error) {
      session.crash(error);
    }
  }
}
