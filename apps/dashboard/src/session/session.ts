// Who is signed in on this page. The access token lives in this module's memory only; the refresh token in a cookie
// that scripts cannot read. One object for the whole app; `use-session.ts` binds it to React.

import type { HubFacts, Me, RefreshAnswer, TokenAnswer } from '@telltale/hub/api';
import { ApiFailure, request, type ApiRequest } from './api.ts';

/** Where the person stands. `generation` rises with each change of who it is: a new line is opened for each. */
export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed-out'; readonly facts: HubFacts; readonly problem?: string }
  | { readonly kind: 'anonymous'; readonly facts: HubFacts; readonly generation: number; readonly problem?: string }
  | { readonly kind: 'signed-in'; readonly facts: HubFacts; readonly generation: number; readonly me: Me };

export interface Session {
  readonly state: SessionState;
  /** Round trip of the last question to the hub, in milliseconds. */
  readonly hubAnswerMs: number | undefined;
  subscribe(listener: () => void): () => void;
  /** Finds out who this is: a start code, else the cookie, else nobody. Again after `unreachable`. */
  start(startCode?: string): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  /** Takes over the answer of a request that renewed the login, such as a change of password. */
  adopt(answer: TokenAnswer): void;
  /**
   * A token for the line: the held one the first time, a renewed one each time after, the last one again where the
   * login has ended. Undefined: nobody is signed in.
   */
  lineToken(): Promise<string | undefined>;
  /** A request as this person; a token that has run out is renewed once, without a word. */
  call<Answer>(path: string, options?: ApiRequest): Promise<Answer>;
}

interface Token {
  readonly text: string;
  /** By this page's clock. */
  readonly endsAt: number;
  isUsedByLine: boolean;
}

/** A token this close to its end is renewed before a request. */
const reserveMs = 20_000;

export function createSession(ask: typeof request = request): Session {
  let state: SessionState = { kind: 'starting' };
  let hubAnswerMs: number | undefined;
  let token: Token | undefined;
  let renewing: Promise<Token | undefined> | undefined;
  /** What the line had last. */
  let lineText: string | undefined;
  let generation = 0;
  const listeners = new Set<() => void>();

  const change = (next: SessionState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const hold = ({ access_token: text, expires_in: seconds }: TokenAnswer): Token => {
    token = { text, endsAt: Date.now() + seconds * 1_000, isUsedByLine: false };
    return token;
  };
  const holdIfAny = (answer: RefreshAnswer): Token | undefined => {
    if (answer.access_token === null) {
      token = undefined;
      return undefined;
    }
    const held = hold(answer);
    if (state.kind !== 'signed-in' || isFor(held.text, state.me.username)) return held;
    // Another tab signed in as somebody else: what was asked for under the old name is not done under the new one.
    enter(held).catch(() => change({ kind: 'unreachable' }));
    return undefined;
  };
  const facts = async (): Promise<HubFacts> => {
    const began = performance.now();
    const answer = await ask<HubFacts>('/api/hub');
    hubAnswerMs = performance.now() - began;
    return answer;
  };

  /** Undefined: the login has ended. Rejects where the hub does not answer. */
  const renew = (): Promise<Token | undefined> => {
    // A second try must come while the hub still takes the token of the first: 10 s.
    renewing ??= takingTurns(() => ask<RefreshAnswer>('/api/refresh', { body: {}, answerMs: 5_000 }))
      .then(holdIfAny, (error: unknown) => {
        if (!(error instanceof ApiFailure) || error.code === 0 || error.status >= 500) throw error;
        token = undefined;
        return undefined;
      })
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  };

  const enter = async (held: Token): Promise<void> => {
    const [known, me] = await Promise.all([facts(), ask<Me>('/api/me', { token: held.text })]);
    generation += 1;
    change({ kind: 'signed-in', facts: known, generation, me });
  };
  const leave = async (problem?: string): Promise<void> => {
    token = undefined;
    const known = await facts();
    generation += 1;
    const said = problem === undefined ? {} : { problem };
    change(
      known.anonymous
        ? { kind: 'anonymous', facts: known, generation, ...said }
        : { kind: 'signed-out', facts: known, ...said },
    );
  };

  const call: Session['call'] = async <Answer>(path: string, options: ApiRequest = {}): Promise<Answer> => {
    const held = token !== undefined && token.endsAt - Date.now() < reserveMs ? await renew() : token;
    try {
      return await ask<Answer>(path, { ...options, token: held?.text });
    } catch (error) {
      if (held === undefined || !isTokenRefused(error)) throw error;
      const fresh = await renew();
      if (fresh === undefined) throw error;
      return ask<Answer>(path, { ...options, token: fresh.text });
    }
  };

  return {
    get state() {
      return state;
    },
    get hubAnswerMs() {
      return hubAnswerMs;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start(startCode) {
      let problem: string | undefined;
      try {
        let held: Token | undefined;
        if (startCode !== undefined) {
          try {
            held = hold(await ask<TokenAnswer>('/api/start', { body: { code: startCode } }));
          } catch (error) {
            if (!(error instanceof ApiFailure) || error.code === 0) throw error;
            problem = error.message;
          }
        }
        held ??= await renew();
        await (held === undefined ? leave(problem) : enter(held));
      } catch {
        change({ kind: 'unreachable' });
      }
    },
    async signIn(username, password) {
      await enter(hold(await ask<TokenAnswer>('/api/login', { body: { username, password } })));
    },
    async signOut() {
      await call('/api/logout', { body: {} });
      await leave();
    },
    adopt(answer) {
      hold(answer);
      if (state.kind !== 'signed-in') return;
      generation += 1;
      change({ ...state, generation });
    },
    async lineToken() {
      const held = token !== undefined && !token.isUsedByLine ? token : await renew();
      if (held !== undefined) {
        held.isUsedByLine = true;
        lineText = held.text;
      }
      // A login that has ended: the line comes with what it had and is told so. Without a token it would go on as
      // nobody, where the hub lets anybody look, under the name that still stands on the page.
      return held?.text ?? (state.kind === 'signed-in' ? lineText : undefined);
    },
    call,
  };
}

/** Whether a token is this user's; one that cannot be read is taken for it, since only the hub judges tokens. */
function isFor(text: string, username: string): boolean {
  try {
    const claims = JSON.parse(atob((text.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as unknown;
    return (claims as { readonly sub?: unknown }).sub === username;
  } catch {
    return true;
  }
}

/** Only a token that was refused is worth a new one: a wrong password, sent twice, would count twice. */
function isTokenRefused(error: unknown): boolean {
  return (
    error instanceof ApiFailure && error.status === 401 && (error.code === 4419 || error.reason.startsWith('token-'))
  );
}

/** Tabs share one cookie, and each refresh replaces it: they take turns. Without Web Locks (plain HTTP) nobody waits. */
function takingTurns<Result>(run: () => Promise<Result>): Promise<Result> {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return run();
  return navigator.locks.request('telltale refresh', run) as Promise<Result>;
}

/** Reads `#start=<code>` and removes it from the address at once, so that it stays in no history or screenshot. */
export function takeStartCode(): string | undefined {
  const found = /^#start=(.+)$/.exec(location.hash)?.[1];
  if (found !== undefined) history.replaceState(null, '', location.pathname + location.search);
  return found;
}
