// Which hosts the hub answers to and which pages are its own, as plain values.

import { describe, expect, it } from 'vitest';
import { createOrigins } from './origins.ts';

const local = createOrigins({ mode: 'development', host: 'localhost', allowedOrigins: [] });
const wide = createOrigins({ mode: 'development', host: '0.0.0.0', allowedOrigins: ['http://dev.lan:8000'] });
const production = createOrigins({
  mode: 'production',
  host: '0.0.0.0',
  allowedOrigins: ['https://ops.example.com', 'https://app.example.com'],
});

describe('in development', () => {
  it('a hub on loopback answers to loopback names only', () => {
    for (const host of ['localhost', 'localhost:8000', '127.0.0.1:1', '127.1.2.3', '[::1]:8000', 'app.localhost']) {
      expect(local.answersTo(host), host).toBe(true);
    }
    for (const host of [
      '192.168.1.5:8000',
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '',
      'a b',
      undefined,
    ]) {
      expect(local.answersTo(host), String(host)).toBe(false);
    }
  });

  it('a hub that listens wider answers to private addresses and configured names too', () => {
    for (const host of ['192.168.1.5:8000', '10.1.2.3', '172.16.0.1', '[fd00::1]:8000', 'dev.lan:8000']) {
      expect(wide.answersTo(host), host).toBe(true);
    }
    for (const host of ['172.32.0.1', '8.8.8.8', 'rebound.example', '[2001:db8::1]']) {
      expect(wide.answersTo(host), host).toBe(false);
    }
  });

  it('the own page is the one at the address that was asked', () => {
    expect(local.isOwn('http://localhost:8000', 'localhost:8000')).toBe(true);
    expect(local.isOwn('http://localhost:5173', 'localhost:8000')).toBe(false);
    expect(local.isOwn('https://localhost:8000', 'localhost:8000')).toBe(false);
    expect(local.isOwn(undefined, 'localhost:8000')).toBe(false);
    expect(local.isOwn('null', 'localhost:8000')).toBe(false);
  });
});

describe('in production', () => {
  it('the own page is the first of the list, or one of the list at the address that was asked', () => {
    expect(production.isOwn('https://ops.example.com', 'internal:8000')).toBe(true);
    expect(production.isOwn('https://app.example.com', 'app.example.com')).toBe(true);
    expect(production.isOwn('https://app.example.com', 'ops.example.com')).toBe(false);
    expect(production.isOwn('https://evil.example', 'evil.example')).toBe(false);
  });

  it.each([
    'blob:https://ops.example.com/uuid',
    'https://ops.example.com/',
    'https://ops.example.com#x',
    'https://ops.example.com\\@evil.example',
    'https:ops.example.com',
    'HTTPS://OPS.example.com',
    'https://ops.example.com:443',
    'https://ops.example.com, https://evil.example',
    'http://localhost:8000',
    '',
    'null',
  ])('%s is not allowed', (origin) => {
    expect(production.isAllowed(origin, 'ops.example.com')).toBe(false);
  });
});
