// Storage: migrations, what a damaged or foreign database says, atomic rotation, other processes noticed, backups.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StartFault } from '../start-fault.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { openDatabase } from './database.ts';
import { restoreBackup } from './restore.ts';
import type { LoginRecord } from './schema.ts';
import { openStorageHere, type Storage } from './storage.ts';

async function open(directory: string): Promise<Storage> {
  const storage = await openStorageHere(directory);
  onTestFinished(() => storage.close());
  return storage;
}

async function sentenceOf(opening: Promise<unknown>): Promise<string> {
  const fault: unknown = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof StartFault)) throw new Error(`expected a StartFault, found ${String(fault)}`);
  expect(fault.sentences).toHaveLength(1);
  return fault.message;
}

const alice = { username: 'alice', name: null, role: 'viewer', hash: 'h', now: 1 } as const;
const login: LoginRecord = {
  sid: 's1',
  username: 'alice',
  created_at: 1000,
  last_seen_at: 1000,
  address: '192.0.2.1',
  user_agent: 'test',
  salt: 'salt',
  generation: 1,
  rotated_at: 1000,
};

describe('a data directory', () => {
  it('is made for its owner alone, the database too', async () => {
    const directory = join(temporaryDirectory(), 'a', 'b');
    await open(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'telltale.db')).mode & 0o777).toBe(0o600);
  });

  it('that others may look into shows them no file of the database, nor of a backup', async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o755);
    const storage = await open(directory);
    await storage.generated('secret', 'x');
    await storage.backup(join(directory, 'backup.db'));
    const files = readdirSync(directory);
    expect(files).toEqual(expect.arrayContaining(['telltale.db', 'telltale.db-wal', 'telltale.db-shm', 'backup.db']));
    const modes = files.map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    expect(modes).toEqual(files.map((name) => [name, 0o600]));
  });

  it('that is a file is refused in one sentence', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    expect(await sentenceOf(openStorageHere(file))).toContain('is not a directory');
  });

  it('that cannot be written is refused in one sentence', async () => {
    // Permissions do not stop root; a directory of the kernel does.
    const directory = process.getuid?.() === 0 ? '/proc/sys' : temporaryDirectory();
    if (process.getuid?.() !== 0) chmodSync(directory, 0o500);
    expect(await sentenceOf(openStorageHere(directory))).toContain('cannot be written');
  });

  it.runIf(process.platform === 'linux')(
    'where none can be made is refused in one sentence, for root too',
    async () => {
      expect(await sentenceOf(openStorageHere('/proc/telltale'))).toContain('cannot be written');
    },
  );

  it('below a file is refused in one sentence', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    expect(await sentenceOf(openStorageHere(join(file, 'below')))).toMatch(/data directory .* (is not|cannot)/);
  });
});

describe('a database', () => {
  it('keeps what it was given when it is opened again', async () => {
    const directory = temporaryDirectory();
    const first = await openStorageHere(directory);
    await first.addUser(alice);
    await first.close();
    const again = await open(directory);
    expect((await again.facts()).users).toMatchObject([{ username: 'alice', role: 'viewer', disabled: 0 }]);
  });

  it('writes ahead and syncs fully', async () => {
    const db = await openDatabase(temporaryDirectory());
    onTestFinished(() => db.destroy());
    const raw = await Promise.all(
      ['journal_mode', 'synchronous', 'foreign_keys'].map((name) =>
        db.executeQuery({
          sql: `PRAGMA ${name}`,
          parameters: [],
          query: { kind: 'RawNode' } as never,
          queryId: {} as never,
        }),
      ),
    );
    expect(raw.map(({ rows }) => Object.values(rows[0] as object)[0])).toEqual(['wal', 2, 1]);
  });

  it.each([
    ['text', (file: string) => writeFileSync(file, 'this is no database '.repeat(500))],
    [
      'a database whose pages are gone',
      (file: string) => {
        const db = new Libsql(file);
        db.exec('create table filler (a); create index filler_a on filler (a)');
        for (let row = 0; row < 500; row++) db.prepare('insert into filler values (?)').run('x'.repeat(200));
        db.close();
        truncateSync(file, 8192);
      },
    ],
  ])('that is %s says so in one sentence and is left as it is', async (_case, damage) => {
    const directory = temporaryDirectory();
    const file = join(directory, 'telltale.db');
    damage(file);
    const size = statSync(file).size;
    const sentence = await sentenceOf(openStorageHere(directory));
    expect(sentence).toContain('is damaged');
    expect(sentence).toContain('telltale restore');
    expect(statSync(file).size).toBe(size);
  });

  it('of a newer version is refused by name', async () => {
    const directory = temporaryDirectory();
    await (await openStorageHere(directory)).close();
    const db = new Libsql(join(directory, 'telltale.db'));
    db.prepare('insert into kysely_migration values (?, ?)').run('9999-later', '2030');
    db.close();
    expect(await sentenceOf(openStorageHere(directory))).toMatch(/newer Telltale .*9999-later/);
  });
});

describe('accounts in storage', () => {
  it('are added once', async () => {
    const storage = await open(temporaryDirectory());
    expect(await storage.addUser(alice)).toBe(true);
    expect(await storage.addUser({ ...alice, role: 'admin' })).toBe(false);
    expect((await storage.facts()).users).toMatchObject([{ role: 'viewer' }]);
  });

  it('lose their logins with a new password and when they are disabled', async () => {
    const storage = await open(temporaryDirectory());
    await storage.addUser(alice);
    await storage.addLogin(login);
    await storage.setPassword('alice', 'h2');
    expect((await storage.facts()).logins).toEqual([]);
    await storage.addLogin(login);
    await storage.setDisabled('alice', true);
    expect((await storage.facts()).logins).toEqual([]);
  });

  it('answer whether there was such a user', async () => {
    const storage = await open(temporaryDirectory());
    expect(await storage.setPassword('bob', 'h')).toBe(false);
    expect(await storage.setRole('bob', 'admin')).toBe(false);
    expect(await storage.setDisabled('bob', true)).toBe(false);
    expect(await storage.passwordHash('bob')).toBeUndefined();
  });

  it('remember the newest twenty addresses', async () => {
    const storage = await open(temporaryDirectory());
    await storage.addUser(alice);
    for (let count = 1; count <= 22; count++) {
      await storage.addLogin({ ...login, sid: `s${count}`, created_at: count, address: `192.0.2.${count}` });
    }
    expect(await storage.isKnownAddress('alice', '192.0.2.2')).toBe(false);
    expect(await storage.isKnownAddress('alice', '192.0.2.3')).toBe(true);
    expect(await storage.isKnownAddress('bob', '192.0.2.3')).toBe(false);
  });

  it('keep the first generated value', async () => {
    const storage = await open(temporaryDirectory());
    expect(await storage.generated('secret', 'one')).toBe('one');
    expect(await storage.generated('secret', 'two')).toBe('one');
  });

  it('survive any text', async () => {
    const storage = await open(temporaryDirectory());
    const hostile = `'; drop table users; --" \u{1f980} \u202e`;
    await storage.addUser({ ...alice, name: hostile });
    expect((await storage.facts()).users[0]?.name).toBe(hostile);
  });
});

describe('rotation of a login', () => {
  const ask = { sid: 's1', generation: 1, now: 2000, graceMs: 10_000, address: '192.0.2.1' };

  it('gives twenty callers at once one successor', async () => {
    const storage = await open(temporaryDirectory());
    await storage.addUser(alice);
    await storage.addLogin(login);
    const all = await Promise.all(Array.from({ length: 20 }, () => storage.rotate(ask)));
    expect(all.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
    expect(all.filter(({ kind }) => kind === 'repeated')).toHaveLength(19);
    expect(new Set(all.map((rotation) => ('login' in rotation ? rotation.login.generation : 0)))).toEqual(new Set([2]));
  });

  it.each([
    ['ten seconds later', 'repeated', 12_000],
    ['later than that', 'reused', 12_001],
    ['at a time before the rotation by a clock set back', 'reused', -10_000],
  ])('of the token before, %s, is %s', async (_case, kind, now) => {
    const storage = await open(temporaryDirectory());
    await storage.addUser(alice);
    await storage.addLogin(login);
    await storage.rotate(ask);
    expect(await storage.rotate({ ...ask, now })).toMatchObject({ kind });
    expect((await storage.facts()).logins).toHaveLength(kind === 'reused' ? 0 : 1);
  });

  it('of a token two steps back ends the family even within the grace', async () => {
    const storage = await open(temporaryDirectory());
    await storage.addUser(alice);
    await storage.addLogin(login);
    await storage.rotate(ask);
    await storage.rotate({ ...ask, generation: 2 });
    expect(await storage.rotate(ask)).toMatchObject({ kind: 'reused' });
    expect(await storage.rotate({ ...ask, generation: 3 })).toEqual({ kind: 'gone' });
  });
});

describe('another process', () => {
  it('is noticed by its changes, the own ones are not', async () => {
    const directory = temporaryDirectory();
    const hub = await open(directory);
    const before = await hub.changeCounter();
    await hub.addUser(alice);
    expect(await hub.changeCounter()).toBe(before);
    const command = await openStorageHere(directory);
    await command.setDisabled('alice', true);
    await command.close();
    expect(await hub.changeCounter()).not.toBe(before);
  });
});

describe('a backup', () => {
  it('is the whole database, also while another has it open, and restores without logins', async () => {
    const directory = temporaryDirectory();
    const source = join(directory, 'source');
    const hub = await open(source);
    await hub.addUser(alice);
    await hub.addLogin(login);
    const file = join(directory, 'backup.db');
    await hub.backup(file);
    await hub.addUser({ ...alice, username: 'later' });
    const target = join(directory, 'target');
    await restoreBackup(target, file);
    const restored = await open(target);
    const facts = await restored.facts();
    expect(facts.users.map(({ username }) => username)).toEqual(['alice']);
    expect(facts.logins).toEqual([]);
    expect(readdirSync(target).filter((name) => name.startsWith('restore-'))).toEqual([]);
  });

  it('is refused while a hub runs on the directory, and leaves it alone', async () => {
    const directory = temporaryDirectory();
    const source = join(directory, 'source');
    const hub = await open(source);
    await hub.addUser(alice);
    const file = join(directory, 'backup.db');
    await hub.backup(file);
    expect(await sentenceOf(restoreBackup(source, file))).toContain('A hub runs on');
    expect((await hub.facts()).users).toHaveLength(1);
  });

  it('keeps what it replaces', async () => {
    const directory = temporaryDirectory();
    const hub = await open(join(directory, 'source'));
    await hub.addUser(alice);
    const file = join(directory, 'backup.db');
    await hub.backup(file);
    const target = join(directory, 'target');
    mkdirSync(target);
    copyFileSync(file, join(target, 'telltale.db'));
    await restoreBackup(target, file);
    expect(existsSync(join(target, 'telltale.db.before-restore'))).toBe(true);
  });

  it('that is damaged or missing changes nothing', async () => {
    const directory = temporaryDirectory();
    const bad = join(directory, 'bad.db');
    writeFileSync(bad, 'nonsense '.repeat(1000));
    const target = join(directory, 'target');
    mkdirSync(target);
    expect(await sentenceOf(restoreBackup(target, bad))).toContain('is damaged');
    expect(await sentenceOf(restoreBackup(target, join(directory, 'none')))).toContain('There is no backup');
    expect(readdirSync(target)).toEqual([]);
  });
});

describe('the storage thread', () => {
  it('answers as the storage does and tells a fault as one', () => {
    // The thread runs what the build made, so this is proved on the built file, in a process of its own.
    const root = new URL('../../../../', import.meta.url).pathname;
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/hub'], {
      cwd: root,
    });
    const directory = temporaryDirectory();
    const bad = temporaryDirectory();
    writeFileSync(join(bad, 'telltale.db'), 'nonsense '.repeat(1000));
    const program = `
      import { openStorage } from ${JSON.stringify(new URL('../../dist/storage/storage.js', import.meta.url).href)};
      const storage = await openStorage(${JSON.stringify(directory)});
      await storage.addUser({ username: 'alice', name: null, role: 'viewer', hash: null, now: 1 });
      const { users } = await storage.facts();
      const failed = await storage.addLogin({ sid: 'x', username: 'nobody' }).then(() => 'taken', () => 'rejected');
      await storage.close();
      const closed = await storage.facts().then(() => 'answered', () => 'rejected');
      const fault = await openStorage(${JSON.stringify(bad)}).then(() => 'opened', (error) => error.code);
      console.log(JSON.stringify([users[0].username, failed, closed, fault]));
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual(['alice', 'rejected', 'rejected', 'ERR_START']);
  }, 90_000);
});
