// What a whole hub remembers and tells of attempts to connect: rows, records, and what is there after a restart.

import { networkInterfaces } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { mintToken } from '../accounts/access-token.ts';
import type { AttemptRates, AttemptRecord, EndingRow, RefusalRow, SessionRow } from '../api.ts';
import { startHub } from '../hub.ts';
import { openStorageHere } from '../storage/storage.ts';
import { connect, isRefused, isWelcome, type Line } from '../testing/line.ts';
import { raw } from '../testing/raw.ts';
import { enrol } from '../testing/test-agent.ts';
import { startTestHub, type TestHub, testSecret } from '../testing/test-hub.ts';
import { lineOf, openRun } from '../testing/test-run.ts';
import { bearer, claims } from '../testing/tokens.ts';

const page = 'https://a.example';
const production = { mode: 'production', allowedOrigins: [page] } as const;
const operatorToken = mintToken(claims({ subject: 'olga', scope: 'operator' }), testSecret);
const viewerToken = mintToken(claims({ subject: 'vera' }), testSecret);
/** Where a hub on `localhost` listens on this machine. */
const loopbacks = ['127.0.0.1', '::1'].filter((host) =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host)),
);
const attemptOf = (letter: string): string => letter.repeat(22);

async function watch(hub: TestHub, ...channels: readonly string[]): Promise<Line> {
  const line = connect(hub, '/ws/', operatorToken, page);
  for (const channel of channels) await line.request({ type: 'subscribe', channel });
  return line;
}

interface Message {
  readonly key?: string;
  readonly data: unknown;
}

/** Waits for a message of a channel that fits, and answers its data. */
async function told<Data>(line: Line, channel: string, fits: (data: Data) => boolean): Promise<Data> {
  const find = (frame: Record<string, unknown>): Message | undefined =>
    frame['channel'] === channel && frame['type'] === 'messages'
      ? (frame['messages'] as readonly Message[]).findLast(({ data }) => data !== null && fits(data as Data))
      : undefined;
  return find(await line.next((frame) => find(frame) !== undefined, 5_000))?.data as Data;
}

async function recordOf({ ask }: Pick<TestHub, 'ask'>, attempt: string): Promise<AttemptRecord> {
  const answer = await ask(`/api/attempts/${attempt}`, bearer(operatorToken));
  if (answer.status !== 200) throw new Error(`the record answered ${answer.status} ${answer.text}`);
  return answer.json as AttemptRecord;
}

describe('an attempt that is refused', () => {
  it('[REC1] is a row with its cure, a count of its second, and a record with its steps and the line of the log', async () => {
    const hub = await startTestHub(production);
    const line = await watch(hub, 'refusals', 'attempts');
    const attempt = attemptOf('r');
    const refused = connect(hub, `/ws/dashboard/?attempt=${attempt}`, viewerToken, 'https://b.example');
    await refused.next(isRefused);
    const row = await told<RefusalRow>(line, 'refusals', () => true);
    expect(row).toMatchObject({
      attempt,
      address: '127.0.0.1',
      origin: 'https://b.example',
      path: '/ws/dashboard/',
      code: 4403,
      name: 'origin-not-allowed',
      stage: 'origin',
      setting: 'TELLTALE_ALLOWED_ORIGINS=https://a.example,https://b.example',
      user: null,
      count: 1,
    });
    const rates = await told<AttemptRates>(line, 'attempts', ({ refused: names }) => Object.keys(names).length > 0);
    expect(rates.refused).toEqual({ 'origin-not-allowed': 1 });
    const record = await recordOf(hub, attempt);
    expect(record).toMatchObject({ attempt, title: 'Dashboard', told: 'frame', session: null, ending: null });
    expect(record.steps.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      'route passed',
      'form passed',
      'origin refused',
      'rate not-reached',
      'credential not-reached',
      'permission not-reached',
    ]);
    expect(record.log).toEqual([
      expect.stringMatching(
        /^\S+Z info \[Dashboard\] Connection attempt from user unknown: refused 4403 origin-not-allowed \(origin not allowed\): .* attempt=r{22} address=127\.0\.0\.1 origin=https:\/\/b\.example path=\/ws\/dashboard\/$/,
      ),
    ]);
    expect(hub.logged(), 'the same words are in the log').toContain('may not connect to this gateway');
  });

  it('[ADM14] for headers that are too large is recorded as well, told to its page, and named with the cookies', async () => {
    const hub = await startTestHub(production);
    const attempt = attemptOf('h');
    const cookie = Array.from({ length: 5 }, (_, index) => `c${index}=${'x'.repeat(4_000)}`).join('; ');
    const viewer = connect(hub, `/ws/dashboard/?attempt=${attempt}`, viewerToken, page, { cookie });
    const expected = { code: 4400, name: 'headers-too-large', stage: 'form', attempt };
    const frame = await viewer.next(isRefused);
    expect(frame).toMatchObject(expected);
    expect(frame['reason']).toMatch(/has 2\d KiB of headers, at most 16 KiB are taken; most of it is Cookie$/);
    expect(frame['hint']).toMatch(/^Delete the cookies of this site/);
    expect((await viewer.closed()).code).toBe(4400);
    const asked = await fetch(`${hub.base}/ws/attempts/${attempt}`, { headers: { origin: page, cookie } });
    expect(await asked.json()).toMatchObject({ state: 'refused', refusal: expected });
    const record = await recordOf(hub, attempt);
    expect(record).toMatchObject({ refusal: { name: 'headers-too-large' }, told: 'frame' });
    expect(record.log).toEqual([
      expect.stringContaining(`refused 4400 headers-too-large (headers too large): the handshake has`),
    ]);
    expect(hub.logged()).not.toContain('xxxx');
  });

  it('[ADM15] [REC3] before anybody reads it is recorded as well: told to its page, and of a flood one row', async () => {
    const hub = await startTestHub({ ...production, host: 'localhost' });
    const line = await watch(hub, 'refusals');
    const cookie = `a=${'x'.repeat(80_000)}`;
    const overlong = (path: string, host: string): Promise<string> =>
      raw(hub, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: ${page}\r\nCookie: ${cookie}\r\n\r\n`, host);
    expect(await overlong('/api/hub', '127.0.0.1')).toMatch(/^HTTP\/1\.1 431 /);
    const attempts = ['h', 'i', 'j', 'k', 'l', 'm', 'n'].map(attemptOf);
    for (const attempt of attempts) {
      const answer = await overlong(`/ws/dashboard/?token=${viewerToken}&attempt=${attempt}`, '127.0.0.1');
      expect(answer).toMatch(/^HTTP\/1\.1 431 [^]*more than 64 KiB of headers[^]*most of it is Cookie/);
    }
    const row = await told<RefusalRow>(line, 'refusals', ({ count }) => count === attempts.length);
    const facts = { address: '127.0.0.1', origin: page, path: '/ws/dashboard/' };
    expect(row).toMatchObject({ ...facts, name: 'headers-too-large', attempt: attempts.at(-1), user: null });
    const record = await recordOf(hub, attempts.at(-1) ?? '');
    expect(record).toMatchObject({ ...facts, title: 'Dashboard', told: 'http' });
    expect(record.log).toEqual([
      expect.stringContaining('refused 4400 headers-too-large (headers too large): the handshake has more than'),
    ]);
    expect(record.refusal).toMatchObject({
      id: row.id,
      name: 'headers-too-large',
      stage: 'form',
      count: attempts.length,
    });
    const asked = await fetch(`${hub.base}/ws/attempts/${attempts[0]}`, { headers: { origin: page } });
    expect(await asked.json()).toMatchObject({ state: 'refused', refusal: { name: 'headers-too-large' } });

    const tls = '\x16\x03\x01\x02\0\x01\0\x01';
    for (const host of loopbacks) {
      expect(await raw(hub, tls, host), 'in the words of the hub').toMatch(/^HTTP\/1\.1 400 [^]*"bad-request"/);
      const unknown = await told<RefusalRow>(
        line,
        'refusals',
        ({ name, address }) => name === 'tls-to-plain' && address === host,
      );
      expect(unknown).toMatchObject({
        path: 'unknown',
        origin: null,
        hint: expect.stringContaining('wss://') as string,
        count: 1,
      });
    }
    const other = loopbacks.at(-1) ?? '';
    expect(await overlong(`/ws/?attempt=${attemptOf('o')}`, other)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await recordOf(hub, attemptOf('o'))).toMatchObject({ address: other, path: '/ws/', origin: page });
    expect(hub.logged()).not.toMatch(/xxxx|eyJ/);
  });

  it('again and again stays one row, with the newest attempt', async () => {
    const hub = await startTestHub(production);
    const line = await watch(hub, 'refusals');
    for (const letter of ['a', 'b', 'c']) {
      await connect(hub, `/ws/?attempt=${attemptOf(letter)}`, 'no-token', page).next(isRefused);
    }
    const row = await told<RefusalRow>(line, 'refusals', ({ count }) => count === 3);
    expect(row).toMatchObject({ attempt: attemptOf('c'), name: 'token-malformed' });
    for (const letter of ['a', 'c']) {
      expect((await recordOf(hub, attemptOf(letter))).refusal, letter).toMatchObject({ id: row.id, count: 3 });
    }
  });
});

describe('a session', () => {
  it('is a row with figures while somebody looks, and ends as one of the endings with who ended it and why', async () => {
    const hub = await startTestHub(production);
    const line = await watch(hub, 'sessions', 'endings');
    const attempt = attemptOf('s');
    const viewer = connect(hub, `/ws/dashboard/?attempt=${attempt}`, viewerToken, page);
    const { session } = await viewer.next(isWelcome);
    const isSettled = ({ user, sentBytes, behind }: SessionRow): boolean =>
      user === 'vera' && sentBytes > 0 && behind === 0;
    const row = await told<SessionRow>(line, 'sessions', isSettled);
    expect(row).toMatchObject({ session, attempt, kind: 'user', scope: 'viewer', origin: page, behindSince: null });
    const asked = await fetch(`${hub.base}/ws/attempts/${attempt}`, { headers: { origin: page } });
    expect(await asked.json()).toEqual({ state: 'admitted' });
    const end = { session, reason: 'the wall screen moves' };
    const authorization = bearer(operatorToken).headers;
    await hub.ask('/api/sessions/end', { body: end, headers: authorization });
    const ending = await told<EndingRow>(line, 'endings', () => true);
    expect(ending).toMatchObject({
      session,
      attempt,
      code: 4410,
      name: 'ended-by-operator',
      reason: 'An operator ended this session: the wall screen moves',
      by: 'gateway',
      wasClean: true,
      user: 'vera',
      since: row.since,
    });
    const record = await recordOf(hub, attempt);
    expect(record).toMatchObject({ refusal: null, told: null, ending: { code: 4410 }, session: { user: 'vera' } });
    const types = record.events.map(({ type }) => type);
    expect(types).toContain('subscribed');
    // A round trip may be measured at any time.
    expect(types.filter((type) => type !== 'round-trip').at(-1)).toBe('asked');
    expect(record.log.map((text) => text.replace(/^\S+ info (.*?):? attempt=.*$/, '$1'))).toEqual([
      '[Dashboard] Connection attempt from user vera: admitted',
      expect.stringMatching(
        /^\[Dashboard\] Session of user vera ended 4410 ended-by-operator by the gateway \(ended by an operator\): An operator/,
      ),
      expect.stringMatching(/^A session was ended by olga/),
    ]);
  });
});

describe('the record of a session', () => {
  it('[REC1] tells that it fell behind, what it missed, that it caught up, and that a credential was refused and one renewed', async () => {
    const hub = await startTestHub();
    const run = await openRun(await enrol(hub));
    const attempt = attemptOf('g');
    const viewer = connect(hub, `/ws/?attempt=${attempt}`, viewerToken);
    await viewer.request({ type: 'subscribe', channel: `runs/${run.run}` });
    const met = (type: string): Promise<AttemptRecord['events'][number]> =>
      vi.waitFor(async () => {
        const { events } = await recordOf(hub, attempt);
        const found = events.find((event) => event.type === type);
        if (found === undefined) throw new Error(`found no ${type}: ${JSON.stringify(events)}`);
        return found;
      }, 8_000);
    viewer.pause();
    // More than the memory of a channel holds, 4 MiB.
    const lines = Array.from({ length: 12 }, () => lineOf('x'.repeat(4_000)));
    for (let batch = 0; batch < 100; batch++) {
      expect(await run.say(...lines)).toMatchObject({ type: 'result' });
    }
    const channel = `runs/${run.run}`;
    expect(await met('catching-up')).toMatchObject({ channel });
    viewer.resume();
    const { from, to } = (await met('gap')) as Extract<AttemptRecord['events'][number], { type: 'gap' }>;
    expect(to - from).toBeGreaterThan(10);
    expect(await met('caught-up')).toMatchObject({ channel });
    expect(await viewer.request({ type: 'authenticate', token: 'no-token' })).toMatchObject({
      type: 'error',
      code: 4401,
    });
    expect(await met('renewal-refused')).toMatchObject({
      code: 4401,
      reason: expect.stringContaining('no JWT') as string,
    });
    const expiresAt = Math.floor(Date.now() / 1_000) + 600;
    const token = mintToken(claims({ subject: 'vera', expiresAt }), testSecret);
    expect(await viewer.request({ type: 'authenticate', token })).toMatchObject({ type: 'result' });
    expect(await met('renewed')).toMatchObject({ expiresAt: expiresAt * 1_000 });
  });
});

describe('what is recorded', () => {
  it('[REC1] is for operators alone: rows, rates and records', async () => {
    const hub = await startTestHub(production);
    const viewer = connect(hub, '/ws/', viewerToken, page);
    for (const channel of ['sessions', 'refusals', 'endings', 'attempts']) {
      expect(await viewer.request({ type: 'subscribe', channel }), channel).toMatchObject({
        type: 'error',
        code: 4403,
      });
      const write = { type: 'publish', channel, key: 'x', data: {} };
      const operator = await (await watch(hub)).request(channel === 'attempts' ? { ...write, key: undefined } : write);
      expect(operator, 'not even they write').toMatchObject({ type: 'error', code: 4403 });
    }
    const path = `/api/attempts/${attemptOf('x')}`;
    expect((await hub.ask(path)).status).toBe(401);
    expect((await hub.ask(path, bearer(viewerToken))).status).toBe(403);
    expect(await hub.ask(path, bearer(operatorToken))).toMatchObject({
      status: 404,
      json: { error: { message: expect.stringContaining('Nothing is known of this attempt') as string } },
    });
  });

  it('[REF7] holds no credential, wherever one was', async () => {
    const hub = await startTestHub(production);
    const canary = 'canary-0123456789abcdef';
    const line = await watch(hub, 'sessions', 'refusals', 'endings');
    const lines = [
      connect(hub, `/ws/?attempt=${attemptOf('a')}&token=${canary}`, undefined, page),
      connect(hub, `/ws/?attempt=${attemptOf('b')}&ticket=${canary}`, undefined, page),
      connect(hub, `/ws/chat/${canary.repeat(4)}/?attempt=${attemptOf('c')}`, undefined, page),
      connect(hub, `/ws/?attempt=${attemptOf('d')}`, `${canary}.${canary}.${canary}`, page),
    ];
    for (const one of lines) await one.next(isRefused);
    const records = await Promise.all(['a', 'b', 'c', 'd'].map((letter) => recordOf(hub, attemptOf(letter))));
    await told<RefusalRow>(line, 'refusals', ({ attempt }) => attempt === attemptOf('d'));
    await hub.hub.stop();
    const stored = await openStorageHere(hub.settings.dataDir);
    const { records: kept, refusals } = await stored.attemptFacts(100);
    await stored.close();
    expect(kept.length).toBeGreaterThan(3);
    const everything = JSON.stringify([records, line.frames, kept, refusals, hub.logged()]);
    expect(everything).toContain('ticket-unknown');
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(viewerToken.split('.')[2]);
  });

  it('[REC2] is there after a restart, and the page that made an attempt still learns what became of it', async () => {
    const hub = await startTestHub(production);
    const [refused, ended, open] = [attemptOf('a'), attemptOf('b'), attemptOf('c')];
    await connect(hub, `/ws/?attempt=${refused}`, 'no-token', page).next(isRefused);
    const first = connect(hub, `/ws/?attempt=${ended}`, viewerToken, page);
    await first.next(isWelcome);
    first.close(1000, 'that is all');
    const second = connect(hub, `/ws/?attempt=${open}`, viewerToken, page);
    await second.next(isWelcome);
    const before = await recordOf(hub, refused);
    await hub.hub.stop();

    const again = await startHub({
      settings: { ...hub.settings, logLevel: 'silent' },
      storage: openStorageHere,
      localAgent: 'off',
    });
    try {
      const base = `http://127.0.0.1:${again.port}`;
      const ask = async (path: string, headers: Record<string, string>): Promise<unknown> =>
        await (await fetch(base + path, { headers })).json();
      const { headers } = bearer(operatorToken);
      expect(await ask(`/api/attempts/${refused}`, headers)).toEqual(before);
      expect(await ask(`/api/attempts/${ended}`, headers)).toMatchObject({
        ending: { code: 1000, by: 'client', reason: 'that is all' },
      });
      expect(await ask(`/api/attempts/${open}`, headers)).toMatchObject({ ending: { code: 1012, by: 'gateway' } });
      expect(await ask(`/ws/attempts/${refused}`, { origin: page })).toMatchObject({
        state: 'refused',
        refusal: { name: 'token-malformed', reason: before.refusal?.reason, retry: false },
      });
      expect(await ask(`/ws/attempts/${open}`, { origin: page })).toMatchObject({ ended: { code: 1012 } });
      const line = await watch({ ...hub, hub: again }, 'refusals', 'endings', 'attempts');
      expect(await told<RefusalRow>(line, 'refusals', () => true)).toMatchObject({ attempt: refused, count: 1 });
      expect(await told<EndingRow>(line, 'endings', (row) => row.attempt === ended)).toMatchObject({ code: 1000 });
      // Whoever watches is new; whoever was here before the restart comes back.
      await connect({ ...hub, hub: again }, '/ws/', viewerToken, page).next(isWelcome);
      const rates = await told<AttemptRates>(line, 'attempts', ({ returned }) => returned > 0);
      expect(rates.returned).toBe(1);
    } finally {
      await again.stop();
    }
  });
});
