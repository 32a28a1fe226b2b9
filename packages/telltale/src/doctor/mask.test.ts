import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask } from './mask.ts';

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.Qk3nXv7Lr0TzP1sYw8mCd2';

describe('the mask', () => {
  it.each([
    ['whole', token],
    ['in part', token.slice(20, 50)],
    ['cut off', `${token.slice(0, 30)}…`],
    ['encoded for an address', encodeURIComponent(`${token}+/=`)],
    ['in base64', Buffer.from(token).toString('base64')],
  ])('hides a secret that stands there %s', (_case, shown) => {
    const masked = createMask([token, `${token}+/=`])(`found ${shown} there`);
    expect(masked).toMatch(/^found …[+/=%A-F0-9…]* there$/);
  });

  it('leaves no eight characters in a row of any secret', () => {
    const secrets = fc.stringMatching(/^[A-Za-z0-9_.-]{12,60}$/);
    fc.assert(
      fc.property(secrets, fc.string({ maxLength: 40 }), fc.nat(40), (secret, around, cut) => {
        const masked = createMask([secret])(`${around}${secret.slice(cut % secret.length)}${around}${secret}`);
        for (let at = 0; at + 8 <= secret.length; at++) {
          expect(masked.includes(secret.slice(at, at + 8))).toBe(false);
        }
      }),
    );
  });

  it('changes nothing else', () => {
    const text = 'the handshake is answered 404: there is nothing at /ws/';
    expect(createMask([token])(text)).toBe(text);
    expect(createMask([undefined, '', 'abc'])(text)).toBe(text);
  });

  it('hides a short secret where it stands whole', () => {
    expect(createMask(['pa55w'])('user pa55w')).toBe('user …');
  });

  it('shows what is no secret but the fault itself', () => {
    expect(createMask(['undefined'])('it is the text "undefined"')).toBe('it is the text "undefined"');
  });
});
