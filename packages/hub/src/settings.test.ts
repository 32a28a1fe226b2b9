// Settings: the table of what is taken and refused, and that all faults are told at once and no secret with them.

import { describe, expect, it } from 'vitest';
import { readSettings, type Settings } from './settings.ts';

const secret = 'kX9-v2!pQ7zR4tY8wB3nM6cL1dF5gH0j';
const production = {
  TELLTALE_MODE: 'production',
  TELLTALE_SECRET: secret,
  TELLTALE_ALLOWED_ORIGINS: 'https://ops.example.com',
};

function read(env: Record<string, string>, nodeFlags: readonly string[] = []): Settings {
  const result = readSettings({ env, directory: '/srv', nodeFlags });
  if (result.kind === 'faults') throw new Error(result.faults.join('\n'));
  return result.settings;
}

function faults(env: Record<string, string>, nodeFlags: readonly string[] = []): readonly string[] {
  const result = readSettings({ env, directory: '/srv', nodeFlags });
  return result.kind === 'faults' ? result.faults : [];
}

describe('settings', () => {
  it('without any are those of development on this machine', () => {
    expect(read({})).toEqual({
      mode: 'development',
      host: 'localhost',
      port: 8000,
      dataDir: '/srv/.telltale',
      secret: undefined,
      allowedOrigins: [],
      allowHttp: false,
      issuer: 'telltale',
      audience: 'telltale',
      jwks: undefined,
      adminPassword: undefined,
      trustedProxies: [],
      metricsToken: undefined,
      chatRate: 5,
      logLevel: 'debug',
    });
  });

  it('of production listen everywhere and log at info', () => {
    expect(read(production)).toMatchObject({ mode: 'production', host: '0.0.0.0', logLevel: 'info', secret });
  });

  it('take an empty variable as one that is not set', () => {
    expect(read({ TELLTALE_PORT: '', TELLTALE_MODE: '' })).toMatchObject({ port: 8000, mode: 'development' });
  });

  it('let a flag win over the environment, and name the flag when it is wrong', () => {
    const env = { TELLTALE_PORT: '1', TELLTALE_HOST: 'a' };
    const good = readSettings({ env, flags: { port: '9000' } });
    expect(good).toMatchObject({ kind: 'settings', settings: { port: 9000, host: 'a' } });
    const bad = readSettings({ env, flags: { port: '9000x' } });
    expect(bad).toEqual({
      kind: 'faults',
      faults: ['--port: found "9000x", expected a whole number from 0 to 65535, for example 8000'],
    });
  });

  it('keep the own issuer apart from one with public keys', () => {
    const env = { TELLTALE_JWKS_URL: 'https://id.example.com/keys', TELLTALE_ISSUER: 'https://id.example.com' };
    expect(read(env)).toMatchObject({
      issuer: 'telltale',
      jwks: { url: 'https://id.example.com/keys', issuer: 'https://id.example.com', audience: 'telltale' },
    });
    expect(faults({ TELLTALE_JWKS_URL: 'https://id.example.com/keys' })[0]).toContain('TELLTALE_ISSUER is missing');
  });

  const bad: readonly [name: string, value: string][] = [
    ['TELLTALE_MODE', 'prod'],
    ['TELLTALE_MODE', 'Development'],
    ['TELLTALE_HOST', 'http://x'],
    ['TELLTALE_PORT', '-1'],
    ['TELLTALE_PORT', '65536'],
    ['TELLTALE_PORT', '80 '],
    ['TELLTALE_PORT', '8e3'],
    ['TELLTALE_SECRET', 'short'],
    ['TELLTALE_ALLOWED_ORIGINS', '*'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://*.example.com'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://ops.example.com/'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://ops.example.com/path'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://ops.example.com:443'],
    ['TELLTALE_ALLOWED_ORIGINS', 'http://ops.example.com:80'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://OPS.example.com'],
    ['TELLTALE_ALLOWED_ORIGINS', 'ops.example.com'],
    ['TELLTALE_ALLOWED_ORIGINS', 'wss://ops.example.com'],
    ['TELLTALE_ALLOWED_ORIGINS', 'null'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://user@ops.example.com'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://good。example'],
    ['TELLTALE_ALLOWED_ORIGINS', 'https://a.example,,https://b.example'],
    ['TELLTALE_ALLOW_HTTP', 'true'],
    ['TELLTALE_JWKS_URL', 'http://id.example.com/keys'],
    ['TELLTALE_JWKS_URL', 'file:///etc/keys'],
    ['TELLTALE_JWKS_URL', 'https://user:pass@id.example.com/keys'],
    ['TELLTALE_ISSUER', 'two words'],
    ['TELLTALE_ADMIN_PASSWORD', 'seven77'],
    ['TELLTALE_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TELLTALE_TRUSTED_PROXIES', 'proxy.example'],
    ['TELLTALE_METRICS_TOKEN', 'short'],
    ['TELLTALE_CHAT_RATE', '0'],
    ['TELLTALE_CHAT_RATE', '1001'],
    ['TELLTALE_LOG_LEVEL', 'verbose'],
  ];
  it.each(bad)('refuse %s=%s in one sentence that names it', (name, value) => {
    const others = name === 'TELLTALE_JWKS_URL' ? { TELLTALE_ISSUER: 'x' } : {};
    const found = faults({ [name]: value, ...others }).filter((fault) => fault.startsWith(`${name}: found `));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/expected .+, for example /);
  });

  it('never show a secret, not even a wrong one', () => {
    const env = {
      TELLTALE_SECRET: 'canary-secret',
      TELLTALE_ADMIN_PASSWORD: 'canary',
      TELLTALE_METRICS_TOKEN: 'canary x',
    };
    const all = faults(env).join('\n');
    expect(all).toContain('TELLTALE_SECRET');
    expect(all).toContain('TELLTALE_ADMIN_PASSWORD');
    expect(all).toContain('TELLTALE_METRICS_TOKEN');
    expect(all).not.toContain('canary');
  });

  it('name one that does not exist and what was probably meant', () => {
    expect(faults({ TELLTALE_ORIGINS: 'x' })[0]).toContain('TELLTALE_ORIGINS is not a setting');
    expect(faults({ TELLTALE_PROT: '1' })).toEqual([
      'TELLTALE_PROT is not a setting of Telltale: did you mean TELLTALE_PORT?',
    ]);
    // A hub may stand on a machine that also reports.
    expect(faults({ TELLTALE_AGENT_DIR: '/x', TELLTALE_MACHINE_ID: 'x' })).toEqual([]);
  });

  it('of production tell everything that is missing at once', () => {
    const found = faults({ TELLTALE_MODE: 'production', TELLTALE_PORT: 'x' });
    expect(found).toHaveLength(3);
    expect(found.join('\n')).toMatch(
      /TELLTALE_PORT: found "x"[^]*TELLTALE_SECRET is missing[^]*TELLTALE_ALLOWED_ORIGINS is missing/,
    );
  });

  it('of an unknown mode count as production for what is missing', () => {
    expect(faults({ TELLTALE_MODE: 'staging' }).join('\n')).toContain('TELLTALE_SECRET is missing');
  });

  it.each([
    ['a secret of 31 bytes', { TELLTALE_SECRET: secret.slice(1) }, 'found 31 bytes, expected at least 32'],
    ['a secret of one letter', { TELLTALE_SECRET: 'a'.repeat(40) }, 'found only 1 different characters'],
    ['plain http', { TELLTALE_ALLOWED_ORIGINS: 'http://ops.example.com' }, 'TELLTALE_ALLOW_HTTP=1'],
  ])('of production refuse %s', (_case, change, sentence) => {
    expect(faults({ ...production, ...change }).join('\n')).toContain(sentence);
  });

  it('of production take plain http where that is allowed or on loopback', () => {
    expect(
      read({ ...production, TELLTALE_ALLOWED_ORIGINS: 'http://ops.lan', TELLTALE_ALLOW_HTTP: '1' }).allowHttp,
    ).toBe(true);
    expect(read({ ...production, TELLTALE_ALLOWED_ORIGINS: 'http://localhost:8000' }).allowedOrigins).toHaveLength(1);
  });

  it('of production refuse an open debugger', () => {
    expect(faults(production, ['--inspect=0']).join()).toContain('--inspect');
    expect(faults({ ...production, NODE_OPTIONS: '--inspect-brk' }).join()).toContain('--inspect');
    expect(faults({}, ['--inspect'])).toEqual([]);
  });
});
