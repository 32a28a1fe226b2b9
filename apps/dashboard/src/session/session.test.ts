import type { HubFacts, Me, TokenAnswer } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { ApiFailure, failureWords, type ApiRequest } from './api.ts';
import { createSession } from './session.ts';

const facts: HubFacts = { version: '0.1.0', mode: 'development', anonymous: true, time: 0 };
const me: Me = { id: 'i1', username: 'ada', name: 'Ada', role: 'admin', kind: 'user' };
const answer = (access_token: string, expires_in = 900): TokenAnswer => ({
  access_token,
  token_type: 'Bearer',
  expires_in,
});
const no = (status: number, code: number, name = 'no'): ApiFailure =>
  new ApiFailure(status, { code, name, message: name });

/** Answers by path; a function sees the request, an error is thrown. Keeps what was asked. */
function hub(routes: Record<string, unknown>): {
  readonly asked: string[];
  readonly ask: <Answer>(path: string, options?: ApiRequest) => Promise<Answer>;
} {
  const asked: string[] = [];
  return {
    asked,
    async ask<Answer>(path: string, options: ApiRequest = {}) {
      asked.push(path);
      const route = routes[path];
      const said: unknown = typeof route === 'function' ? route(options) : route;
      if (said === undefined) throw no(404, 4404);
      if (said instanceof Error) throw said;
      return said as Answer;
    },
  };
}

describe('a session', () => {
  it('comes back by its cookie', async () => {
    const session = createSession(hub({ '/api/refresh': answer('one'), '/api/hub': facts, '/api/me': me }).ask);
    await session.start();
    expect(session.state).toMatchObject({ kind: 'signed-in', me });
  });

  it('begins with a start code, which is sent and nothing else', async () => {
    const { ask, asked } = hub({ '/api/start': answer('one'), '/api/hub': facts, '/api/me': me });
    const session = createSession(ask);
    await session.start('code');
    expect(session.state.kind).toBe('signed-in');
    expect(asked).not.toContain('/api/refresh');
  });

  it('goes on with a used-up start code as if there were none, and says so', async () => {
    const session = createSession(
      hub({ '/api/start': no(401, 4401, 'used'), '/api/refresh': no(401, 4401), '/api/hub': facts }).ask,
    );
    await session.start('code');
    expect(session.state).toMatchObject({ kind: 'anonymous', problem: 'used' });
  });

  it('is anonymous where the hub allows that, else signed out', async () => {
    const asleep = { '/api/refresh': no(401, 4401) };
    const open = createSession(hub({ ...asleep, '/api/hub': facts }).ask);
    await open.start();
    expect(open.state.kind).toBe('anonymous');
    const shut = createSession(hub({ ...asleep, '/api/hub': { ...facts, anonymous: false } }).ask);
    await shut.start();
    expect(shut.state.kind).toBe('signed-out');
  });

  it('does not take a hub that is away for a login that has ended', async () => {
    const session = createSession(hub({ '/api/refresh': no(0, 0), '/api/hub': no(0, 0) }).ask);
    await session.start();
    expect(session.state).toEqual({ kind: 'unreachable' });
  });

  it('hands its token to the line once, then renews it each time', async () => {
    let count = 0;
    const routes = { '/api/refresh': () => answer(`token ${(count += 1)}`), '/api/hub': facts, '/api/me': me };
    const session = createSession(hub(routes).ask);
    await session.start();
    expect([await session.lineToken(), await session.lineToken()]).toEqual(['token 1', 'token 2']);
  });

  it('renews a token that was refused, once, and repeats the request', async () => {
    let count = 0;
    const routes = {
      '/api/refresh': () => answer(`token ${(count += 1)}`),
      '/api/hub': facts,
      '/api/me': me,
      '/api/users': ({ token }: ApiRequest) => (token === 'token 2' ? { users: [] } : no(401, 4419)),
    };
    const session = createSession(hub(routes).ask);
    await session.start();
    await expect(session.call('/api/users')).resolves.toEqual({ users: [] });
  });

  it('does not send a wrong password twice', async () => {
    const routes = {
      '/api/refresh': () => answer('x'),
      '/api/hub': facts,
      '/api/me': me,
      '/api/password': no(401, 4401, 'wrong-password'),
    };
    const { ask, asked } = hub(routes);
    const session = createSession(ask);
    await session.start();
    await expect(session.call('/api/password', { body: {} })).rejects.toThrow('wrong-password');
    expect(asked.filter((path) => path === '/api/password')).toHaveLength(1);
  });

  it('asks for one renewal however many want one', async () => {
    const { ask, asked } = hub({ '/api/refresh': () => answer('x'), '/api/hub': facts, '/api/me': me });
    const session = createSession(ask);
    await session.start();
    await session.lineToken();
    const before = asked.filter((path) => path === '/api/refresh').length;
    await Promise.all([session.lineToken(), session.lineToken(), session.lineToken()]);
    expect(asked.filter((path) => path === '/api/refresh').length - before).toBe(1);
  });

  it('whose login has ended shows the line its last token, and never goes on as nobody', async () => {
    let isEnded = false;
    const routes = {
      '/api/refresh': () => (isEnded ? { access_token: null } : answer('one')),
      '/api/hub': facts,
      '/api/me': me,
    };
    const session = createSession(hub(routes).ask);
    await session.start();
    expect(await session.lineToken()).toBe('one');
    isEnded = true;
    expect(await session.lineToken()).toBe('one');
  });

  it('becomes who another tab signed in as, and does nothing under the new name that was asked under the old', async () => {
    const tokenOf = (sub: string): string => `x.${btoa(JSON.stringify({ sub }))}.y`;
    let who = 'ada';
    const routes = {
      '/api/refresh': () => answer(tokenOf(who), 1),
      '/api/hub': facts,
      '/api/me': () => ({ ...me, username: who }),
      '/api/users/disable': ({ token }: ApiRequest) => (token === undefined ? no(401, 4401, 'token-missing') : {}),
    };
    const session = createSession(hub(routes).ask);
    await session.start();
    who = 'bob';
    await expect(session.call('/api/users/disable', { body: {} })).rejects.toThrow('token-missing');
    await expect.poll(() => session.state).toMatchObject({ kind: 'signed-in', me: { username: 'bob' }, generation: 2 });
  });

  it('opens a new line for each identity', async () => {
    const session = createSession(
      hub({ '/api/refresh': no(401, 4401), '/api/hub': facts, '/api/login': answer('x'), '/api/me': me }).ask,
    );
    await session.start();
    const before = session.state.kind === 'anonymous' ? session.state.generation : undefined;
    await session.signIn('ada', 'secret');
    expect(session.state).toMatchObject({ kind: 'signed-in', generation: (before ?? Number.NaN) + 1 });
  });
});

describe('failures', () => {
  it('say what was found and what to do', () => {
    const failure = new ApiFailure(429, { code: 4429, name: 'too-many', message: 'Ten failures.', hint: 'Wait 8 s.' });
    expect(failureWords(failure)).toBe('Ten failures. Wait 8 s.');
  });
});
