// What is read of a request's first bytes is what was sent, or nothing: at whichever byte they end, and whatever they are.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { handshakeText } from '../testing/edge.ts';
import { readHead } from './request-head.ts';

const target = '/ws/dashboard/?attempt=abcdefghijklmnopqrstuv&token=secret';
const origin = 'https://ops.example.com';
const whole = handshakeText(target, { Origin: origin, Cookie: 'a=b' });

it('[ADM15] cut anywhere, a request is never taken for another', () => {
  for (let end = 0; end <= whole.length; end++) {
    const head = readHead(Buffer.from(whole.slice(0, end)));
    const sent = whole.slice(0, end);
    if (head === undefined) {
      expect(sent).not.toContain('?');
      continue;
    }
    const { pathname, searchParams } = new URL(head.target, 'http://localhost');
    expect([pathname, head.method], sent).toEqual(['/ws/dashboard/', 'GET']);
    expect([null, 'abcdefghijklmnopqrstuv'], sent).toContain(searchParams.get('attempt'));
    expect([null, 'secret'], sent).toContain(searchParams.get('token'));
    expect([undefined, [origin]], sent).toContainEqual(head.headers.get('origin'));
    expect(['', '1.1'], sent).toContain(head.httpVersion);
  }
  expect(readHead(Buffer.from(whole))).toMatchObject({ method: 'GET', target, httpVersion: '1.1' });
});

it('[ADM15] bytes of any kind are read in no time, or not at all', () => {
  const piece = fc.constantFrom(
    'GET ',
    '/ws/',
    '?',
    '&',
    ' HTTP/1.1',
    '\r\n',
    ':',
    ' ',
    '\t',
    '\0',
    '*',
    'Origin',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 40 }), (pieces) => {
      const head = readHead(Buffer.from(pieces.join('')));
      expect(head?.target ?? '/').not.toMatch(/[ \r\n]/);
      for (const [name, values] of head?.headers ?? []) expect(`${name}${values.join('')}`).not.toMatch(/[\r\n]/);
    }),
  );
  const began = performance.now();
  for (const filling of [' ', '\r\n', ':', 'a: \r\n', '?&', '\t']) {
    readHead(Buffer.from(`GET /ws/ HTTP/1.1\r\nx: ${filling.repeat(16_384)}y`));
    readHead(Buffer.from(filling.repeat(16_384)));
  }
  expect(performance.now() - began).toBeLessThan(1_000);
});

it('[ADM15] half an end of a line hides no header in another', () => {
  const hidden = 'X: a\nX-Forwarded-For: 203.0.113.7\r\nY: b\rOrigin: https://evil.example\r\n';
  const head = readHead(Buffer.from(`GET /ws/ HTTP/1.1\r\nHost: a\r\n${hidden}\r\n`));
  expect([...(head?.headers ?? [])]).toEqual([['host', ['a']]]);
});

it.each([
  ['a method alone', 'GET'],
  ['a path that may go on', 'GET /ws/dash'],
  ['no method', '/ws/ HTTP/1.1\r\n'],
  ['a target for the server as a whole', 'OPTIONS * HTTP/1.1\r\n\r\n'],
  ['half an end of a line', 'GET /ws/\nHTTP/1.1\r\n\r\n'],
  ['bytes of TLS', '\x16\x03\x01\x02\0\x01'],
])('[ADM15] of %s nobody says where it goes', (_what, bytes) => {
  expect(readHead(Buffer.from(bytes, 'latin1'))).toBeUndefined();
});

it('[ADM15] a header at which the bytes end counts by its size and is not believed', () => {
  const head = readHead(Buffer.from('GET /ws/ HTTP/1.1\r\nHost: a\r\nno header\r\n bad: b\r\nOrigin: https://ops.exa'));
  expect(head?.headers).toEqual(new Map([['host', ['a']]]));
  expect(head?.begun).toEqual(new Map([...(head?.headers ?? []), ['origin', ['https://ops.exa']]]));
});
