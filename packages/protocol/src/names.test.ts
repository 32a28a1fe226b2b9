import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ChannelNames, MessageOf } from './channel-types.ts';
import { type ChannelNameOf, compilePattern, isChannelName, type PatternParams } from './channel.ts';
import { base32, hasScope, identityId, lowerScope } from './identity.ts';
import { formatPosition, isPosition, parsePosition } from './position.ts';

describe('channel names', () => {
  it('[CHA1] are one to four parts of a small alphabet', () => {
    const part = 'x'.repeat(80);
    for (const name of [
      'a',
      'metrics/web-1',
      'logs/web-1/nginx.access_log',
      'a/b/c/d',
      part,
      `${part}/${part}/${part}/${part}`,
    ]) {
      expect(isChannelName(name), name).toBe(true);
    }
    const wrong = [
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      'a/b/c/d/e',
      'A',
      'é',
      'a b',
      'a*',
      'a>',
      `${part}x`,
      `a/${part}x`,
      'a\n',
      '__proto__ ',
      '../a!',
      'a:b',
      null,
      5,
      ['a'],
    ];
    for (const name of wrong) expect(isChannelName(name), String(name)).toBe(false);
    fc.assert(
      fc.property(
        fc.string(),
        (text) =>
          isChannelName(text) === /^[a-z0-9._-]{1,80}(\/[a-z0-9._-]{1,80}){0,3}$/.test(text) || text.endsWith('\n'),
      ),
    );
  });

  it('match the pattern that declared them', () => {
    const { match, literals } = compilePattern('logs/:agent/:file');
    expect(match('logs/web-1/nginx')).toEqual({ agent: 'web-1', file: 'nginx' });
    expect(match('logs/web-1')).toBeUndefined();
    expect(match('log/web-1/nginx')).toBeUndefined();
    expect(literals).toBe(1);
    for (const pattern of ['', 'a//b', ':', ':1', 'a/:b-c', 'A'])
      expect(() => compilePattern(pattern), pattern).toThrow(/found part/);
  });

  it('have types that follow the pattern', () => {
    expectTypeOf<ChannelNameOf<'metrics/:agent'>>().toEqualTypeOf<`metrics/${string}`>();
    expectTypeOf<PatternParams<'logs/:agent/:file'>>().toEqualTypeOf<'agent' | 'file'>();
    interface Declared {
      readonly agents: { readonly pattern: 'agents'; readonly kind: 'table'; readonly messageType?: { cpu: number } };
      readonly metrics: { readonly pattern: 'metrics/:agent'; readonly kind: 'stream'; readonly messageType?: number };
    }
    expectTypeOf<ChannelNames<Declared>>().toEqualTypeOf<'agents' | `metrics/${string}`>();
    expectTypeOf<ChannelNames<Declared, 'table'>>().toEqualTypeOf<'agents'>();
    expectTypeOf<MessageOf<Declared, 'metrics/local'>>().toExtend<number | undefined>();
    expectTypeOf<MessageOf<Declared, 'agents'>>().toExtend<{ cpu: number } | undefined>();
  });
});

describe('identities', () => {
  const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();

  it('[IDN1] have an id derived from issuer, kind and subject', () => {
    const id = identityId({ issuer: 'telltale', kind: 'user', subject: 'ada' }, sha256);
    const digest = sha256('["telltale","user","ada"]').subarray(0, 16);
    expect(id).toBe(base32(digest));
    expect(id).toMatch(/^[a-z2-7]{26}$/);
    expect(identityId({ issuer: 'telltale', kind: 'agent', subject: 'ada' }, sha256)).not.toBe(id);
  });

  it('are written in base32 of RFC 4648', () => {
    const vectors = {
      '': '',
      f: 'my',
      fo: 'mzxq',
      foo: 'mzxw6',
      foob: 'mzxw6yq',
      fooba: 'mzxw6ytb',
      foobar: 'mzxw6ytboi',
    };
    for (const [text, encoded] of Object.entries(vectors)) expect(base32(new TextEncoder().encode(text))).toBe(encoded);
  });

  it('have scopes that include the lower ones', () => {
    expect(hasScope({ scope: 'admin' }, 'operator')).toBe(true);
    expect(hasScope({ scope: 'viewer' }, 'operator')).toBe(false);
    expect(lowerScope('admin', 'viewer')).toBe('viewer');
  });
});

describe('positions', () => {
  it('survive being written into a URL', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,32}$/), fc.maxSafeNat(), (epoch, offset) => {
        expect(parsePosition(formatPosition({ epoch, offset }))).toEqual({ epoch, offset });
      }),
    );
    for (const text of ['', ':', 'e', 'e:', ':1', 'E:1', 'e:-1', 'e:1.5', 'e:1e3', 'e:99999999999999999', 'e:1:2']) {
      expect(parsePosition(text), text).toBeUndefined();
    }
    for (const value of [
      null,
      1,
      {},
      { epoch: 'e' },
      { epoch: 'e', offset: -1 },
      { epoch: 5, offset: 1 },
      { epoch: 'e', offset: NaN },
    ]) {
      expect(isPosition(value)).toBe(false);
    }
  });
});
