// What a hub says of itself: each fault in both modes where it is one, once, with the cure, and nothing where all is well.

import { closeSync, mkdirSync, openSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../settings.ts';
import { addressList } from '../settings-table.ts';
import { databaseFile } from '../storage/database.ts';
import { openStorageHere } from '../storage/storage.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { isWelcome } from '../testing/line.ts';
import { startTestHub, testSecret } from '../testing/test-hub.ts';
import { enrol, statusOf } from '../testing/test-agent.ts';
import { createClockWatch } from './clock-watch.ts';
import { createProxyWatch } from './proxy-watch.ts';
import { filesWritten, type StartFacts, startWarnings } from './start-warnings.ts';

const now = Date.UTC(2027, 5, 1, 12);
const safe: StartFacts['settings'] = {
  mode: 'development',
  secret: testSecret,
  allowedOrigins: ['https://a.example'],
  allowHttp: false,
};

const writing = (at: number) => ({ what: 'the database', at });

function warningsOf(change: Partial<StartFacts> = {}, settings: Partial<Settings> = {}): readonly string[] {
  const facts = {
    settings: { ...safe, ...settings },
    written: [writing(now - 1_000)],
    now,
    nodeFlags: [],
    nodeOptions: '',
  };
  return startWarnings({ ...facts, ...change });
}

function warnings(): { log: { warn(fields: object, text: string): void }; texts: string[] } {
  const texts: string[] = [];
  return { texts, log: { warn: (_fields, text) => texts.push(text) } };
}

describe('at the start', () => {
  it('nothing is said where all is well', () => {
    expect(warningsOf()).toEqual([]);
    expect(warningsOf({ written: [] })).toEqual([]);
    expect(warningsOf({ written: [writing(now + 60_000)] }), 'a shared disk may be a minute ahead').toEqual([]);
  });

  it.each<[string, Partial<Settings>, Partial<StartFacts>, RegExp]>([
    ['no secret', { secret: undefined }, {}, /^Production would not start: TELLTALE_SECRET is missing.*openssl/],
    ['a short secret', { secret: 'x'.repeat(20) }, {}, /TELLTALE_SECRET: found 20 bytes, expected at least 32/],
    ['no origins', { allowedOrigins: [] }, {}, /TELLTALE_ALLOWED_ORIGINS is missing.*https:\/\/ops\.example\.com/],
    ['an origin without TLS', { allowedOrigins: ['http://a.example'] }, {}, /without TLS.*TELLTALE_ALLOW_HTTP=1/],
    ['an open debugger', {}, { nodeFlags: ['--inspect'] }, /--inspect opens a debugger/],
    ['one by environment', {}, { nodeOptions: '--inspect=0' }, /--inspect opens a debugger/],
  ])('%s, which refuses the start of production, is a warning in development', (_what, settings, change, expected) => {
    expect(warningsOf(change, settings)).toEqual([expect.stringMatching(expected)]);
  });

  it('no secret appears in a warning', () => {
    expect(warningsOf({}, { secret: 'canarycanarycanary' }).join()).not.toContain('canary');
  });

  it.each([
    ['was never set', Date.UTC(1970, 0, 1, 0, 3), now, /^The clock is wrong: it shows 1970-01-01.*NTP/],
    ['is behind what the database was written by', now, now + 3 * 3_600_000, /written at .*, 3 hours from now.*NTP/],
  ] as const)('a clock that %s is a warning in both modes', (_what, at, writtenAt, expected) => {
    for (const mode of ['development', 'production'] as const) {
      expect(warningsOf({ now: at, written: [writing(writtenAt)] }, { mode }), mode).toEqual([
        expect.stringMatching(expected),
      ]);
    }
  });

  it('of all that has a time the newest is told', () => {
    const written = [writing(now + 3_600_000), { what: 'this program', at: now + 7_200_000 }, writing(now)];
    expect(warningsOf({ written })).toEqual([expect.stringMatching(/: this program was written at .*, 2 hours from/)]);
  });
});

describe('what has a time', () => {
  it('is the program, and the database once there is one', () => {
    const directory = temporaryDirectory();
    const [program, ...others] = filesWritten(directory);
    expect(others).toEqual([]);
    expect(program).toEqual({ what: 'this program', at: expect.any(Number) as number });
    closeSync(openSync(join(directory, databaseFile), 'a'));
    expect(filesWritten(directory).map(({ what }) => what)).toEqual(['the database', 'this program']);
  });
});

describe('the clock of the hub', () => {
  it('is wrong where those of its agents agree with each other and not with it; told once', () => {
    const { log, texts } = warnings();
    const { onClockOffset } = createClockWatch(log);
    onClockOffset('web-1', 7_200_000);
    const one = expect.stringMatching(/^The clocks of this hub and of agent web-1 differ by 2 hours: .*agent is ahead/);
    expect(texts, 'one machine may be wrong by itself').toEqual([one]);
    onClockOffset('web-2', 7_201_500);
    onClockOffset('web-3', 7_200_500);
    expect(texts).toEqual([
      one,
      expect.stringMatching(/^The clock of this hub is 2 hours behind those of all its 2 agents/),
    ]);
  });

  it.each([
    ['all are right', [100, -200, 50]],
    ['one is wrong', [100, 7_200_000]],
    ['they do not agree', [3_600_000, 7_200_000]],
    ['they are off to both sides', [-61_000, 61_000]],
  ])('is not blamed where %s', (_what, offsets) => {
    const { log, texts } = warnings();
    const { onClockOffset } = createClockWatch(log);
    offsets.forEach((offset, index) => onClockOffset(`web-${index}`, offset));
    expect(texts.filter((text) => text.startsWith('The clock of this hub'))).toEqual([]);
    // Of one that is far off both are named, for nobody can tell which of them is right.
    expect(texts.length).toBe(offsets.filter((offset) => Math.abs(offset) > 300_000).length);
  });
});

describe('a proxy that no setting names', () => {
  const peer = (remoteAddress: string, headers: Record<string, string>) =>
    ({ headers, socket: { remoteAddress } }) as unknown as Parameters<
      ReturnType<typeof createProxyWatch>['onRequest']
    >[0];
  const watch = (trustedProxies: readonly string[]) => {
    const { log, texts } = warnings();
    return { ...createProxyWatch({ trustedProxies, proxies: addressList(trustedProxies), log }), texts };
  };

  it('is told once, with the whole line to set, also after strangers made up such headers, and only of so many', () => {
    const { onRequest, texts } = watch(['10.0.0.1']);
    for (let time = 0; time < 2; time++) {
      onRequest(peer('198.51.100.9', { forwarded: 'for=203.0.113.7' }));
      onRequest(peer('::ffff:10.0.0.5', { 'x-forwarded-for': '203.0.113.7' }));
    }
    expect(texts).toEqual([
      expect.stringContaining('set TELLTALE_TRUSTED_PROXIES=10.0.0.1,198.51.100.9,'),
      expect.stringContaining('set TELLTALE_TRUSTED_PROXIES=10.0.0.1,10.0.0.5,'),
    ]);
    for (let host = 0; host < 100; host++) onRequest(peer(`198.51.100.${host}`, { forwarded: 'for=203.0.113.7' }));
    expect(texts).toHaveLength(16);
  });

  it.each([
    ['is trusted', ['10.0.0.0/8'], peer('10.0.0.5', { 'x-forwarded-for': '203.0.113.7' })],
    ['is none', [], peer('10.0.0.5', {})],
    ['is a browser’s own', [], peer('10.0.0.5', { via: '1.1 corporate' })],
  ])('is not told of where it %s', (_what, trusted, request) => {
    const { onRequest, texts } = watch(trusted);
    onRequest(request);
    expect(texts).toEqual([]);
  });
});

describe('a hub that runs', () => {
  it('says in its log what production would not start with, what is wrong with its clock, and who passes requests on', async () => {
    const dataDir = join(temporaryDirectory(), 'data');
    mkdirSync(dataDir);
    const file = join(dataDir, databaseFile);
    closeSync(openSync(file, 'a'));
    const later = Date.now() / 1_000 + 7_200;
    utimesSync(file, later, later);
    const hub = await startTestHub({ mode: 'development', dataDir });
    const count = (pattern: RegExp): number => hub.logged().match(pattern)?.length ?? 0;
    expect(count(/Production would not start: TELLTALE_ALLOWED_ORIGINS is missing/g)).toBe(1);
    expect(count(/The clock is wrong, or was: the database was written at .* 2 hours from now/g)).toBe(1);
    expect(count(/Requests are passed on by/g)).toBe(0);
    for (let index = 0; index < 2; index++)
      await hub.ask('/healthz', { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(count(/Requests are passed on by 127\.0\.0\.1.*set TELLTALE_TRUSTED_PROXIES=127\.0\.0\.1/g)).toBe(1);
  });

  it('knows by what a database holds that its clock is behind, also where the file is a fresh copy', async () => {
    const dataDir = join(temporaryDirectory(), 'data');
    const last = Date.now() + 3 * 3_600_000;
    const before = await openStorageHere(dataDir);
    const row = JSON.stringify({ id: 'r', attempt: 'a'.repeat(22), address: '10.0.0.1', name: 'token-missing', last });
    const refusals = [{ id: 'r', last_at: last, row }];
    await before.saveAttempts({ attempts: [], refusals, forgottenAttempts: [], forgottenRefusals: [] });
    await before.close();
    const hub = await startTestHub({ dataDir });
    expect(hub.logged()).toMatch(/or was: the newest record in the database was written at .*, 3 hours from now/);
  });

  it('hears of its clock from what its agents say', async () => {
    const hub = await startTestHub();
    for (const name of ['web-1', 'web-2']) {
      const line = (await enrol(hub, name, `machine-of-${name}-12345`)).line(
        `agents/${name}/`,
        `machine-of-${name}-12345`,
      );
      await line.next(isWelcome);
      const params = statusOf({ clockOffsetMs: -600_000 });
      expect(await line.request({ type: 'call', method: 'agent.status', params })).toMatchObject({ type: 'result' });
    }
    expect(hub.logged()).toMatch(/The clock of this hub is 10 min ahead of those of all its 2 agents/);
  });
});
