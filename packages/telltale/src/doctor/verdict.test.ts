import { describe, expect, it } from 'vitest';
import { fail, type Finding, pass, warn } from './check.ts';
import type { Software } from './meaning/software.ts';
import { verdictOf } from './verdict.ts';

const nginx: Software = { name: 'nginx/1.24.0', isProxy: true, upgradeCure: 'set it' };
const of = (findings: readonly Finding[], software?: Software): ReturnType<typeof verdictOf> =>
  verdictOf(findings, { shown: 'wss://ops.example.com/ws/', software });

const early = fail({ id: 'early', hop: 'server', found: 'it came early', cure: 'do one thing' });
const late = fail({ id: 'late', hop: 'token', found: 'it came late', cure: 'do another' });
const doubt = warn({ id: 'doubt', hop: 'tls', found: 'it ends soon', cure: 'renew it' });

describe('the verdict', () => {
  it('is that it connects, where nothing is wrong', () => {
    expect(of([pass('well'), pass('as well')])).toEqual({
      level: 'pass',
      id: 'connects',
      sentence: 'It connects: nothing is wrong with wss://ops.example.com/ws/ as seen from here.',
    });
  });

  it('is the first failure, whatever warnings came before it', () => {
    expect(of([doubt, early, late])).toEqual({
      level: 'fail',
      id: 'early',
      hop: 'server',
      sentence: 'Broken at the server: it came early; do one thing.',
    });
  });

  it('is the failure that explains the others', () => {
    const cause = { ...late, explains: ['early'] };
    expect(of([early, cause])).toMatchObject({ id: 'late', hop: 'token' });
  });

  it('is the first again where two explain each other', () => {
    expect(
      of([
        { ...early, explains: ['late'] },
        { ...late, explains: ['early'] },
      ]),
    ).toMatchObject({ id: 'early' });
  });

  it('is a warning where nothing failed, and says that it connects', () => {
    expect(of([pass('well'), doubt])).toEqual({
      level: 'warn',
      id: 'doubt',
      hop: 'tls',
      sentence: 'It connects, but look at TLS: it ends soon; renew it.',
    });
  });

  it('lets a failure of no warning be explained away', () => {
    expect(of([early, { ...doubt, explains: ['early'] }])).toMatchObject({ level: 'fail', id: 'early' });
  });

  it('moves to the proxy when it connects without it, and names it', () => {
    const direct: Finding = {
      ...pass('fine'),
      places: { hop: 'proxy', because: 'directly at ws://127.0.0.1:8000/ it connects' },
    };
    expect(of([early, direct], nginx).sentence).toBe(
      'Broken at the proxy (nginx/1.24.0), for directly at ws://127.0.0.1:8000/ it connects: it came early; do one thing.',
    );
  });

  it('leaves a trouble where it is when its place was known', () => {
    const direct: Finding = { ...pass('fine'), places: { hop: 'proxy', because: 'it connects' } };
    expect(of([late, direct], nginx)).toMatchObject({
      hop: 'token',
      sentence: 'Broken at the token: it came late; do another.',
    });
  });

  it('calls no server a proxy that is none', () => {
    const express: Software = { name: 'Express', isProxy: false, upgradeCure: '' };
    expect(of([{ ...early, hop: 'proxy' }], express).sentence).toMatch(/^Broken at the proxy: /);
    expect(of([early], express).sentence).toMatch(/^Broken at the server \(Express\): /);
  });

  it('is one sentence on one line', () => {
    for (const findings of [[], [early], [doubt]]) {
      expect(of(findings).sentence).toMatch(/^[A-Z][^\n]*\.$/);
    }
  });
});
