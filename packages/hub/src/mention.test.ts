// What names somebody in a text, and what does not.

import { describe, expect, it } from 'vitest';
import { begunMentionSource, isNameable, mentionKey, mentionKeysIn } from './mention.ts';

describe('a name in a text', () => {
  it.each([
    ['@ada', ['ada']],
    ['hello @Ada, and (@bob)', ['ada', 'bob']],
    ['ask @ada.', ['ada.', 'ada']],
    ['ask @ada.lovelace-', ['ada.lovelace-', 'ada.lovelace']],
    ['@jörg and @ÅSA', ['jörg', 'åsa']],
    ['@jo\u0308rg', ['j\u00f6rg']],
    ['@ज़ोया @李雷 @Іван', ['ज़ोया'.normalize('NFC'), '李雷', 'іван']],
    ['mail to ada@example.com, jörg@example.com or x+@ada', []],
    ['@@ada, 50%@ada and a_@ada', []],
    ['@ ada, @.ada and @-', []],
    ['@__proto__', []],
  ])('of %j is %j', (text, keys) => {
    expect([...mentionKeysIn(text)]).toEqual(keys);
  });

  it('has at most 64 characters', () => {
    expect([...mentionKeysIn(`@${'x'.repeat(64)}`)]).toEqual(['x'.repeat(64)]);
    expect([isNameable('x'.repeat(64)), isNameable('x'.repeat(65))]).toEqual([true, false]);
    expect(['jörg', 'a b', 'auth0|123', '.ada', ''].map(isNameable)).toEqual([true, false, false, false, false]);
  });

  it('is known while it is typed', () => {
    const begun = new RegExp(begunMentionSource, 'u');
    expect(['@', 'to @j', 'to @jör', 'a@b', '@ada '].map((text) => begun.exec(text)?.[1])).toEqual([
      '',
      'j',
      'jör',
      undefined,
      undefined,
    ]);
  });

  it('is compared without case, and by its letters', () => {
    expect(mentionKey('JO\u0308RG')).toBe(mentionKey('j\u00f6rg'));
    expect(mentionKey('ada')).not.toBe(mentionKey('åda'));
  });
});
