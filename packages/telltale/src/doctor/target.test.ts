import { describe, expect, it } from 'vitest';
import { isLoopback, isPrivate, ownOrigin, readTarget, secretsIn, type Target } from './target.ts';

const target = (text: string): Target => {
  const read = readTarget(text);
  if ('fault' in read) throw new Error(read.fault);
  return read;
};

describe('an address', () => {
  it.each([
    ['wss://ops.example.com/ws/', { isTls: true, host: 'ops.example.com', port: 443, authority: 'ops.example.com' }],
    ['ws://ops.example.com/ws/', { isTls: false, port: 80 }],
    ['ws://[::1]:8000/', { host: '::1', port: 8000, authority: '[::1]:8000' }],
    ['https://ops.example.com:8443/a?x=1', { isTls: true, port: 8443, path: '/a', query: '?x=1' }],
  ])('%s is taken apart', (text, parts) => {
    expect(target(text)).toMatchObject(parts);
  });

  it('shows no credential, and gives the token apart', () => {
    const read = target('ws://ada:pa55word@ops.example.com/ws/?room=7&token=canary%2B1&api_key=canary2');
    expect(read.shown).toBe('ws://ops.example.com/ws/?room=7&token=…&api_key=…');
    expect(read).toMatchObject({ token: 'canary+1', tokenParameter: 'token', query: '?room=7&api_key=canary2' });
    expect([...read.oddities]).toEqual(['userinfo']);
  });

  it('gives every text that must not be shown', () => {
    expect(secretsIn('ws://ada:pa55word@ops.example.com/?token=one&x=two&secret=three')).toEqual([
      'one',
      'three',
      'pa55word',
      'ada',
    ]);
    expect(secretsIn('not an address')).toEqual([]);
  });

  it.each([
    [
      'localhost:8000/ws/?token=canary',
      /"localhost:8000\/ws\/" without ws:\/\/ or wss:\/\/; did you mean ws:\/\/localhost:8000\/ws\/\?$/,
    ],
    ['ops.example.com', /did you mean ws:\/\/ops\.example\.com\?$/],
    ['ftp://ada:canary@ops.example.com/', /^found "ftp:\/\/ops\.example\.com\/", expected an address such as/],
    ['ws://', /expected an address such as/],
    ['', /expected an address such as/],
  ])('%j is none, and that is said without its credentials', (text, fault) => {
    const read = readTarget(text) as { fault: string };
    expect(read.fault).toMatch(fault);
    expect(read.fault).not.toContain('canary');
  });

  it('knows the page that the same host would serve', () => {
    expect(ownOrigin(target('wss://ops.example.com/ws/'))).toBe('https://ops.example.com');
    expect(ownOrigin(target('ws://localhost:8000/'))).toBe('http://localhost:8000');
  });

  it.each(['localhost', 'app.localhost', '127.0.0.1', '127.9.9.9', '::1'])('at %s is of this machine', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['10.0.0.1', '172.31.0.1', '192.168.1.1', '169.254.1.1', 'fd00::1', 'fe80::1'])(
    'at %s is private',
    (host) => {
      expect(isPrivate(host)).toBe(true);
      expect(isLoopback(host)).toBe(false);
    },
  );

  it.each(['9.9.9.9', '172.32.0.1', '2001:db8::1', 'ops.example.com'])('at %s is public', (host) => {
    expect(isPrivate(host)).toBe(false);
  });
});
