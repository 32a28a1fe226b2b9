// The session for React: one for the app, its state, and requests as the person who is signed in.

import { createContext, useContext, useSyncExternalStore, type Context } from 'react';
import type { Scope } from '@telltale/protocol';
import { createSession, type Session, type SessionState } from './session.ts';

export const session: Session = createSession();
export const SessionContext: Context<Session> = createContext(session);

export function useSession(): { readonly session: Session; readonly state: SessionState } {
  const held = useContext(SessionContext);
  const state = useSyncExternalStore(held.subscribe, () => held.state);
  return { session: held, state };
}

/** What this person may do; undefined before that is known. */
export function useRole(): Scope | undefined {
  const { state } = useSession();
  return state.kind === 'signed-in' ? state.me.role : state.kind === 'anonymous' ? 'viewer' : undefined;
}
