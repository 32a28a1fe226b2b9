import { describe, expect, it } from 'vitest';
import { readTarget, type Target } from '../target.ts';
import { forbidsConnection, policiesIn } from './content-security-policy.ts';

const origin = 'https://ops.example.com';
const forbids = (policy: string, address = 'wss://live.example.com/ws/'): boolean =>
  forbidsConnection(policy, { origin, target: readTarget(address) as Target });

describe('a content security policy', () => {
  it.each([
    "connect-src 'self'",
    "connect-src 'none'",
    "default-src 'self' https:",
    'connect-src https://live.example.com',
    'connect-src wss://other.example.com',
    'connect-src *.live.example.com',
    'connect-src wss://live.example.com:8443',
    "default-src *; connect-src 'self'",
  ])('with "%s" forbids a socket of another host', (policy) => {
    expect(forbids(policy)).toBe(true);
  });

  it.each([
    "script-src 'self'",
    'connect-src *',
    'connect-src wss:',
    'connect-src ws:',
    'connect-src wss://live.example.com',
    'connect-src ws://live.example.com',
    'connect-src live.example.com',
    'connect-src *.example.com',
    "default-src 'none'; connect-src 'self' wss://live.example.com",
    'CONNECT-SRC WSS://LIVE.EXAMPLE.COM',
  ])('with "%s" lets it pass', (policy) => {
    expect(forbids(policy)).toBe(false);
  });

  it('takes its own host for one of a page by https', () => {
    expect(forbids("connect-src 'self'", 'wss://ops.example.com/ws/')).toBe(false);
  });

  it('minds the port', () => {
    expect(forbids('connect-src wss://live.example.com', 'wss://live.example.com:8443/')).toBe(true);
    expect(forbids('connect-src wss://live.example.com:*', 'wss://live.example.com:8443/')).toBe(false);
  });

  it('is read from headers and from meta elements', () => {
    const html = `<meta charset="utf-8"><META content="connect-src 'self'" http-equiv="Content-Security-Policy">`;
    expect(policiesIn(["default-src 'self', img-src *"], html)).toEqual([
      "default-src 'self'",
      ' img-src *',
      "connect-src 'self'",
    ]);
  });
});
