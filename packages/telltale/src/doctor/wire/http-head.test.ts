import { describe, expect, it } from 'vitest';
import { bodyText, isWhole } from './http-body.ts';
import { headerOf, type HeadReading, readHead } from './http-head.ts';

const read = (text: string): HeadReading => readHead(Buffer.from(text, 'latin1'));
const headIn = (text: string): Extract<HeadReading, { kind: 'head' }> =>
  read(text) as Extract<HeadReading, { kind: 'head' }>;

describe('the head of an answer', () => {
  it('is read with its headers, repeated ones in order, and what follows it', () => {
    const { head, rest } = headIn('HTTP/1.1 403 Not Here\r\nX-A: 1\r\nVia: 1.1 a\r\nvia: 1.1 b\r\n\r\nbody');
    expect(head).toMatchObject({ version: '1.1', status: 403, statusText: 'Not Here' });
    expect(headerOf(head, 'via')).toBe('1.1 a, 1.1 b');
    expect(headerOf(head, 'server')).toBeUndefined();
    expect(String(rest)).toBe('body');
  });

  it('is the final one: interim answers are passed over, a 101 is not', () => {
    expect(
      headIn('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n').head.status,
    ).toBe(200);
    expect(headIn('HTTP/1.1 101 Switching Protocols\r\n\r\n').head.status).toBe(101);
  });

  it.each(['', 'HT', 'HTTP/1.1 200', 'HTTP/1.1 200 OK\r\nX: 1\r\n', 'HTTP/1.1 103 Early\r\n\r\n', 'SSH-2.0'])(
    'is waited for after %j',
    (text) => {
      expect(read(text).kind).toBe('more');
    },
  );

  it.each([
    ['SSH-2.0-OpenSSH_9', 'SSH'],
    ['220 mail.example.com ESMTP', 'SMTP or FTP'],
    ['-ERR unknown command', 'Redis'],
    ['-DENIED Redis is running', 'Redis'],
    ['+OK POP3 ready', 'POP3'],
    ['* OK IMAP4rev1', 'IMAP'],
    ['J\0\0\0\x0a8.0.36\0', 'MySQL'],
    ['\x15\x03\x01\0\x02\x02\x46\0\0', 'TLS'],
    ['\0\0\x12\x04\0\0\0\0\0\0', 'HTTP/2'],
    ['\0\0\x08\x07\0\0\0\0\0\0\0', 'HTTP/2'],
    ['hello, who is there?', 'unknown'],
    ['HTTP/x nonsense\r\n\r\n', 'unknown'],
    [`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}`, 'unknown'],
  ])('is none in %j', (text, alien) => {
    expect(read(text)).toEqual({ kind: 'alien', alien });
  });
});

describe('the body of an answer', () => {
  it.each([
    ['by its length', 'Content-Length: 5', 'hello and more', true, 'hello'],
    ['of chunks', 'Transfer-Encoding: chunked', '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', true, 'hello world'],
    ['of chunks that have not all come', 'Transfer-Encoding: chunked', '5\r\nhello\r\n6\r\n wo', false, 'hello wo'],
    ['without an end of its own', 'X-A: 1', 'hello', false, 'hello'],
    ['that is empty', 'Content-Length: 0', '', true, ''],
  ])('is read %s', (_case, header, bytes, whole, text) => {
    const { head } = headIn(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
    expect(isWhole(head, Buffer.from(bytes))).toBe(whole);
    expect(bodyText(head, Buffer.from(bytes))).toBe(text);
  });
});
