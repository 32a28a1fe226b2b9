// What an end right after the handshake is taken to mean: each code by who sent it, and where it is broken then.

import { codes } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import type { LineEnd } from '../wire/line.ts';
import { endTrouble } from './close-code.ts';

const closed = (code: number, reason = ''): LineEnd => ({ kind: 'closed', code, reason, afterMs: 1 });
const of = (end: LineEnd, isOurs = false) => endTrouble(end, { isOurs });

describe('an end by somebody else’s server', () => {
  it.each([
    [1000, 'server', /with 1000 as if all were done$/],
    [1001, 'server', /because it is going away$/],
    [1002, 'server', /for a protocol error that it sees in what arrives$/],
    [1003, 'server', /because it does not take this kind of message$/],
    [1005, 'server', /without a code$/],
    [1007, 'server', /not valid UTF-8 when it arrived$/],
    [1008, 'server', /by its policy, which mostly means a credential or an origin/],
    [1009, 'server', /a message was too large for it$/],
    [1011, 'server', /because of an error inside it$/],
    [1012, 'server', /because it restarts$/],
    [1013, 'server', /because it has too much to do$/],
    [1014, 'upstream', /as a proxy that got no usable answer from the server$/],
    [3000, 'token', /because nobody is signed in$/],
    [3003, 'token', /because this is not allowed$/],
    [4401, 'token', /with 4401 \(/],
    [4321, 'server', /with 4321 \(a code of its own\)$/],
  ] as const)('with %i is broken at the %s', (code, hop, found) => {
    const trouble = of(closed(code));
    expect(trouble).toMatchObject({ level: 'fail', id: `closed-${code}`, hop });
    expect(trouble.found).toMatch(found);
    expect(trouble.cure.length).toBeGreaterThan(10);
  });

  it('says the words of its close, as data of one line', () => {
    expect(of(closed(1008, 'no\r\naccess')).found).toMatch(/, and says "no.*access"$/);
  });
});

describe('an end by a Telltale gateway', () => {
  it.each([
    [4000, 'gateway'],
    [4401, 'token'],
    [4403, 'token'],
    [4419, 'token'],
    [1012, 'gateway'],
    [1008, 'gateway'],
  ] as const)('with %i is broken at the %s', (code, hop) => {
    expect(of(closed(code), true)).toMatchObject({ id: `closed-${code}`, hop });
  });

  it('has for each code of the table words that no other has', () => {
    const found = Object.keys(codes).map((code) => of(closed(Number(code)), true).found);
    expect(new Set(found).size).toBe(found.length);
  });
});

it.each([
  [{ kind: 'cut', how: 'ended', afterMs: 1 }, 'dropped-at-once', /ended the connection without a close frame/],
  [{ kind: 'cut', how: 'reset', afterMs: 1 }, 'reset-at-once', /reset the connection without a close frame/],
  [
    { kind: 'broken', fault: { kind: 'masked', found: 'a masked frame' }, afterMs: 1 },
    'frames-invalid',
    /behind a correct 101 came a masked frame/,
  ],
] as const)('an end without a close frame: %j', (end, id, found) => {
  const trouble = of(end as LineEnd);
  expect(trouble).toMatchObject({ id, hop: 'server' });
  expect(trouble.found).toMatch(found);
});
