// Texts of machines: whatever they hold, one line comes of it that reorders nothing and is not too long.

import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

describe('a text from a machine', () => {
  it.each([
    ['a nul', 'web\u0000-1', 'web\ufffd-1'],
    ['a line feed', 'web\n1', 'web\ufffd1'],
    ['an escape of a terminal', '\u001b[31mred', '\ufffd[31mred'],
    ['a right-to-left override', 'web\u202egpj.exe', 'web\ufffdgpj.exe'],
    ['an isolate', '\u2067abc\u2069', '\ufffdabc\ufffd'],
    ['a line separator', 'a\u2028b', 'a\ufffdb'],
    ['half of a surrogate pair', 'a\ud83eb', 'a\ufffdb'],
    ['markup', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a family, joined by what joins', '👩‍👩‍👧', '👩‍👩‍👧'],
    ['spaces at its ends', '  web 1  ', 'web 1'],
  ])('with %s becomes one plain line', (_case, text, plain) => {
    expect(plainText(text, 64)).toBe(plain);
  });

  it('is cut at a character, and says so', () => {
    expect(plainText('🦀'.repeat(40_000), 5)).toBe('🦀🦀🦀🦀…');
    expect(plainText('x'.repeat(64 * 1024), 64)).toHaveLength(64);
    expect(plainText('12345', 5)).toBe('12345');
  });
});
