// Every refusal, end and code has texts of its own, and shows what was found without ever breaking.

import { describe, expect, it } from 'vitest';
import { codes, ends, refusals, type EndName, type RefusalName } from './codes.ts';
import { changedPath, endTitle, explainCode, explainEnd, explainRefusal, leftTitle, refusalTitle } from './explain.ts';
import { probeOrigin } from './probe-origin.ts';

const names = Object.keys(refusals) as RefusalName[];
const everything = {
  path: '/ws/x',
  origin: 'https://a.example',
  host: 'h',
  field: 'f',
  value: 'v',
  expected: 'e',
  seconds: 7,
  limit: 3,
};

describe('texts of refusals', () => {
  it.each([
    ['titles', (name: RefusalName) => refusalTitle(name)],
    ['bare reasons', (name: RefusalName) => explainRefusal(name).reason],
    ['filled reasons', (name: RefusalName) => explainRefusal(name, everything).reason],
    ['bare hints', (name: RefusalName) => explainRefusal(name).hint],
  ])('[ADM8] [REF1] no two names share their %s', (_what, text) => {
    const seen = new Map<string, RefusalName>();
    for (const name of names) {
      const words = text(name);
      expect(words.length, name).toBeGreaterThan(3);
      expect(words, name).not.toMatch(/undefined|NaN|\[object/);
      expect(seen.get(words), `${name} reads like`).toBeUndefined();
      seen.set(words, name);
    }
  });

  it('[ADM8] the path that arrived is told from the one that was asked for', () => {
    const reasonOf = (path?: string): string =>
      explainRefusal('path-unknown', path === undefined ? {} : { path }).reason;
    const long = `/${'a'.repeat(200)}`;
    expect(changedPath(reasonOf('/dashboard/'), '/ws/dashboard/')).toBe('/dashboard/');
    expect(changedPath(reasonOf('/ws/dashbord/'), '/ws/dashbord/')).toBeUndefined();
    expect(changedPath(reasonOf(), '/ws/')).toBeUndefined();
    expect(changedPath(reasonOf(long), long)).toBeUndefined();
  });

  it.each([
    ['origin-not-allowed', { origin: 'https://evil.example' }, /https:\/\/evil\.example/],
    ['token-expired', { seconds: 61 }, /61 s ago/],
    ['token-expired', { seconds: 7_100 }, /118 min ago/],
    ['token-expired', { seconds: 7_300 }, /2 hours ago/],
    ['token-expired', { seconds: 265_000 }, /3 days ago/],
    ['token-issuer', { value: '"other"', expected: '"telltale"' }, /found "other", expected "telltale"/],
    ['path-unknown', { path: '/ws/dashbord' }, /\/ws\/dashbord/],
    ['header-repeated', { field: 'Origin' }, /Origin/],
    ['version-unsupported', { value: '8' }, /found Sec-WebSocket-Version 8, expected 13/],
  ] as const)('%s says what was found', (name, found, reason) => {
    expect(explainRefusal(name, found).reason).toMatch(reason);
  });

  it('the hint for an origin is the setting that cures it', () => {
    expect(explainRefusal('origin-not-allowed', { origin: 'https://ops.example.com' }).hint).toContain(
      'TELLTALE_ALLOWED_ORIGINS=https://ops.example.com',
    );
  });

  it.each(['null', probeOrigin])('nobody is told to allow %s', (origin) => {
    expect(explainRefusal('origin-not-allowed', { origin }).hint).not.toContain('TELLTALE_ALLOWED_ORIGINS');
  });

  it('what comes from outside is cut and cannot break a line', () => {
    const { reason } = explainRefusal('origin-not-allowed', { origin: `a\r\nb\u2028${'x'.repeat(500)}` });
    expect(reason).not.toMatch(/[\r\n\u2028]/);
    expect(reason.length).toBeLessThan(250);
  });
});

describe('texts of ends and codes', () => {
  it('no two ends share a reason', () => {
    const reasons = (Object.keys(ends) as EndName[]).map((name) => explainEnd(name).reason);
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  it('[COD1] each code of the table has a title, a reason and a hint of its own', () => {
    const all = Object.keys(codes).map((code) => explainCode(Number(code)));
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
    expect(new Set(all.map(({ reason }) => reason)).size).toBe(all.length);
    for (const { hint } of all) expect(hint.length).toBeGreaterThan(10);
  });

  it('each end has a title of its own, and a close that of whose it was', () => {
    const sides = ['client', 'gateway', 'network'] as const;
    const titles = [
      ...(Object.keys(ends) as EndName[]).map((name) => endTitle({ name, by: 'gateway' })),
      endTitle({ name: 'closed', by: 'client' }),
      endTitle({ name: 'closed', by: 'network' }),
      leftTitle,
    ];
    expect(new Set(titles).size).toBe(titles.length);
    expect(sides.map((by) => endTitle({ name: 'stalled', by }))).toEqual(Array(3).fill('took nothing any more'));
  });

  it('[COD2] an unknown code is explained as one to reconnect after', () => {
    expect(explainCode(4999)).toMatchObject({ title: 'code 4999', hint: expect.stringContaining('backoff') as string });
  });
});
