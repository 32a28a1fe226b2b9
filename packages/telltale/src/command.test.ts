// The command in this process: help, versions, wrong arguments, users, tokens, backups. Each wrong argument names itself.

import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { helpOf, type ListedCommand, readArguments } from './command.ts';
import { main } from './index.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function run(
  words: readonly string[],
  options: { input?: string; env?: Record<string, string>; directory?: string } = {},
): Promise<Ran> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const code = await main(words, {
    stdin: Readable.from([options.input ?? '']),
    stdout: into('out'),
    stderr: into('err'),
    env: options.env ?? {},
    directory: options.directory ?? directory(),
  });
  return { code, ...written };
}

describe('help', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('is shown for %j', async (words) => {
    const { code, out, err } = await run(words);
    expect(code).toBe(0);
    expect(err).toBe('');
    for (const name of [
      'start',
      'user add',
      'user list',
      'user passwd',
      'user disable',
      'user enable',
      'token',
      'backup',
      'restore',
    ]) {
      expect(out).toContain(`  ${name}`);
    }
  });

  it.each([
    'start',
    'user add',
    'user list',
    'user passwd',
    'user disable',
    'user enable',
    'token',
    'backup',
    'restore',
  ])('of %s says how it is used', async (name) => {
    for (const flag of ['--help', '-h']) {
      const { code, out } = await run([...name.split(' '), flag]);
      expect(code).toBe(0);
      expect(out).toContain(`Usage: telltale ${name}`);
      expect(out).toContain('--help');
    }
  });

  it('of start lists every setting with its variable and its default, and no secret', async () => {
    const { out } = await run(['start', '--help'], { env: { TELLTALE_SECRET: 'canary'.repeat(6) } });
    for (const name of [
      'MODE',
      'HOST',
      'PORT',
      'DATA_DIR',
      'SECRET',
      'ALLOWED_ORIGINS',
      'ALLOW_HTTP',
      'JWKS_URL',
      'ISSUER',
      'AUDIENCE',
      'ADMIN_PASSWORD',
      'TRUSTED_PROXIES',
      'METRICS_TOKEN',
      'CHAT_RATE',
      'LOG_LEVEL',
    ]) {
      expect(out).toContain(`TELLTALE_${name}`);
      const flag = `--${name.toLowerCase().replaceAll('_', '-')}`;
      // A password never comes by the command line.
      expect(out.includes(flag), flag).toBe(name !== 'ADMIN_PASSWORD');
    }
    expect(out).not.toContain('canary');
  });

  it('shows the version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  });
});

describe('a wrong argument names itself and ends with 2', () => {
  it.each([
    [['strat'], 'did you mean "telltale start"?'],
    [['--prot', '1'], '--prot is not a flag of "telltale"'],
    [['user', 'ad', 'x'], 'did you mean "telltale user add"?'],
    [['start', '--prot', '8000'], 'did you mean --port?'],
    [['start', '-p', '8000'], '-p is not a flag of "telltale start"'],
    [['start', '--port'], '--port needs a value'],
    [['start', '--port', '--host', 'x'], '--port needs a value'],
    [['start', '--port='], '--port needs a value'],
    [['start', '--port', '80', '--port', '81'], '--port was given twice'],
    [['start', '--port', 'eighty'], '--port: found "eighty", expected a whole number'],
    [['start', '--mode', 'staging'], '--mode: found "staging", expected "development" or "production"'],
    [['start', '--allow-http=yes'], '--allow-http takes no value'],
    [['start', 'now'], 'does not know what to do with "now"'],
    [['user', 'add'], 'needs <username>'],
    [['user', 'add', 'a', 'b'], 'does not know what to do with "b"'],
    [['user', 'add', 'Alice'], '<username>: found "Alice"'],
    [['user', 'add', 'alice', '--role', 'root'], '--role: found "root"'],
    [['user', 'add', 'alice', '--password', 'x'], '--password is not a flag'],
    [['start', '--admin-password', 'long enough'], '--admin-password is not a flag'],
    [['token'], '--sub is missing'],
    [['token', '--sub', 'ci', '--ttl', 'soon'], '--ttl: found "soon"'],
    [['token', '--sub', 'ci', '--ttl', '0s'], '--ttl: found "0s"'],
    [['token', '--sub', 'ci', '--ttl', '400d'], '--ttl: found "400d"'],
    [['token', '--sub', 'ci', '--scope', 'god'], '--scope: found "god"'],
    [['backup'], 'needs <file>'],
  ])('%j', async (words, sentence) => {
    const { code, out, err } = await run(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
    expect(err).toContain('--help" shows what there is');
    expect(err).not.toMatch(/ at .*:\d+/);
  });
});

describe('a command line behind --', () => {
  const load = (): never => {
    throw new Error('not needed to read arguments');
  };
  const listed: ListedCommand = { words: 'run', summary: 'Runs.', behind: 'command', load };
  const command = {
    flags: [
      { name: 'name', value: 'text', meaning: 'a name' },
      { name: 'log', value: 'file', isRepeatable: true, meaning: 'a file' },
    ],
    run: () => Promise.resolve(0),
  } as const;
  const read = (...words: string[]): ReturnType<typeof readArguments> => readArguments(listed, command, words);

  it('is left as it is, flags and further -- in it too', () => {
    expect(read('--name', 'nightly', '--', 'tar', '--name', '--', '-h', '')).toMatchObject({
      flags: new Map([['name', 'nightly']]),
      behind: ['tar', '--name', '--', '-h', ''],
    });
  });

  it('that is missing is said with an example', () => {
    expect(() => read('--name', 'x')).toThrow('needs a command behind --, like telltale run -- ./backup.sh');
    expect(() => read('--name', 'x', '--')).toThrow('needs a command behind --');
    expect(() => read('tar', 'x')).toThrow('put the command behind --, like telltale run -- tar');
  });

  it('stands beside flags that may be given several times', () => {
    expect(read('--log', 'a', '--log=b', '--', 'x')).toMatchObject({ lists: new Map([['log', ['a', 'b']]]) });
    expect(helpOf(listed, command)).toContain('Usage: telltale run [flags] -- <command> …\n');
    expect(helpOf(listed, command)).toContain('--log <file> …');
  });
});

describe('what cannot be done is told in one sentence and ends with 1', () => {
  it('when settings are missing, all at once', async () => {
    const { code, err } = await run(['start'], { env: { TELLTALE_MODE: 'production', TELLTALE_PROT: '1' } });
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(3);
    expect(err).toContain('TELLTALE_PROT is not a setting of Telltale: did you mean TELLTALE_PORT?');
  });

  it.each([
    [['user', 'passwd', 'nobody'], 'There is no user nobody'],
    [['user', 'disable', 'nobody'], 'There is no user nobody'],
    [['restore', 'none.db'], 'There is no backup'],
    [['user', 'list', '--data-dir', '/dev/null'], 'is not a directory'],
  ])('%j', async (words, sentence) => {
    const { code, err } = await run(words, { input: 'long enough\n' });
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain(sentence);
  });

  it.each([[['token', '--sub', 'ci']], [['backup', 'monday.db']]])(
    '%j beside no database, instead of making a new one that no hub uses',
    async (words) => {
      const place = directory();
      const { code, out, err } = await run(words, { directory: place });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain("There is no hub's database in");
      expect(readdirSync(place)).toEqual([]);
    },
  );

  it('when the database is damaged', async () => {
    const place = directory();
    writeFileSync(join(place, 'telltale.db'), 'nonsense '.repeat(1000));
    const { code, err } = await run(['user', 'list', '--data-dir', place]);
    expect(code).toBe(1);
    expect(err).toMatch(/^The database .* is damaged .*telltale restore/);
  });
});

describe('users', () => {
  it('are added, listed, disabled, enabled; passwords come by standard input and are never shown', async () => {
    const place = directory();
    const at = (...words: string[]): string[] => ['user', ...words, '--data-dir', place];
    const password = 'canary password';
    expect((await run(at('list'))).out).toBe('No users yet\n');
    const added = await run(at('add', 'alice', '--role', 'admin', '--name', 'Alice A.'), { input: `${password}\n` });
    expect(added).toEqual({ code: 0, out: 'Added alice as admin\n', err: '' });
    expect((await run(at('add', 'alice'), { input: `${password}\n` })).code).toBe(1);
    expect((await run(at('disable', 'alice'))).out).toBe('Disabled alice\n');
    expect((await run(at('list'))).out).toBe('alice     admin     disabled  Alice A.\n');
    expect((await run(at('enable', 'alice'))).out).toBe('Enabled alice\n');
    expect((await run(at('passwd', 'alice'), { input: 'another password\n' })).out).toBe(
      'Changed the password of alice\n',
    );
    expect((await run(at('list'))).out).toContain('enabled');
  });

  it.each([
    ['too short', 'short\n', 'found 5 characters, expected 8'],
    ['missing', '', 'No password was given'],
    ['the username', 'longenoughname\n', 'not the username'],
  ])('with a password that is %s are not added', async (_case, input, sentence) => {
    const place = directory();
    const { code, err } = await run(['user', 'add', 'longenoughname', '--data-dir', place], { input });
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect((await run(['user', 'list', '--data-dir', place])).out).toBe('No users yet\n');
  });

  it('need only the data directory, whatever mode the hub beside runs in', async () => {
    const { code } = await run(['user', 'list'], { env: { TELLTALE_MODE: 'production' } });
    expect(code).toBe(0);
  });
});

describe('a token', () => {
  const secret = 'kX9-v2!pQ7zR4tY8wB3nM6cL1dF5gH0j';
  const payloadOf = (token: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

  it('is signed with the secret that is set', async () => {
    const words = ['token', '--sub', 'ci', '--scope', 'operator', '--ttl', '15m', '--name', 'Build server'];
    const { code, out } = await run(words, { env: { TELLTALE_SECRET: secret } });
    expect(code).toBe(0);
    const [head = '', body = '', signature] = out.trim().split('.');
    expect(signature).toBe(createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url'));
    const payload = payloadOf(out);
    expect(payload).toMatchObject({
      iss: 'telltale',
      aud: 'telltale',
      sub: 'ci',
      scope: 'operator',
      name: 'Build server',
    });
    expect(Number(payload['exp']) - Number(payload['iat'])).toBe(900);
    expect(payload).not.toHaveProperty('sid');
  });

  it("in development is signed with the data directory's own secret, the same each time", async () => {
    const place = directory();
    await run(['user', 'add', 'a', '--data-dir', place], { input: 'long enough\n' });
    const [one, two] = [
      await run(['token', '--sub', 'a', '--data-dir', place]),
      await run(['token', '--sub', 'a', '--data-dir', place]),
    ];
    expect(payloadOf(one.out)).toMatchObject({ sub: 'a', scope: 'viewer' });
    expect(one.out.split('.')[0]).toBe(two.out.split('.')[0]);
    const production = await run(['token', '--sub', 'a'], { env: { TELLTALE_MODE: 'production' } });
    expect(production).toMatchObject({ code: 1, err: expect.stringContaining('TELLTALE_SECRET is missing') });
  });
});

describe('a backup', () => {
  it('is a file for its owner alone, and comes back', async () => {
    const place = directory();
    const [source, target, file] = [join(place, 'source'), join(place, 'target'), join(place, 'backup.db')];
    await run(['user', 'add', 'alice', '--data-dir', source], { input: 'long enough\n' });
    expect(await run(['backup', 'backup.db', '--data-dir', source], { directory: place })).toMatchObject({
      code: 0,
      out: `Wrote ${file}\n`,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(['backup', file, '--data-dir', source])).err).toContain('exists already');
    expect(await run(['restore', file, '--data-dir', target])).toMatchObject({ code: 0, err: '' });
    expect((await run(['user', 'list', '--data-dir', target])).out).toContain('alice');
  });

  it('that cannot be written leaves nothing behind', async () => {
    const place = directory();
    const file = join(place, 'no', 'such', 'place.db');
    await run(['user', 'add', 'alice', '--data-dir', place], { input: 'long enough\n' });
    const { code, err } = await run(['backup', file, '--data-dir', place]);
    expect(code).toBe(1);
    expect(err).toContain('cannot be written');
    expect(existsSync(file)).toBe(false);
  });
});
