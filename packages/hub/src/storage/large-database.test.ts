// A database with many messages: it opens without reading them all, and damage is told where it matters.

import { openSync, closeSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { openStorageHere } from './storage.ts';

const mebibyte = 1024 * 1024;

/** Overwrites a page, as a disk that fails does. */
function damage(file: string, page: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
  closeSync(handle);
}

it('a large database opens with damage among its messages, not with damage among its accounts', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'telltale.db');
  const storage = await openStorageHere(directory);
  await storage.addUser({ username: 'alice', name: null, role: 'admin', hash: null, now: 1 });
  const bodies = `"data":"${'x'.repeat(5 * mebibyte)}"}`;
  for (let count = 0; count < 14; count++) {
    await storage.commitAppends([{ channel: 'logs/web-1/app', time: 1, count: 1, bodies, once: undefined }]);
  }
  await storage.close();
  expect(statSync(file).size).toBeGreaterThan(64 * mebibyte);

  damage(file, 8192);
  const again = await openStorageHere(directory);
  const { users } = await again.facts();
  expect(users).toMatchObject([{ username: 'alice' }]);
  const page = { before: undefined, count: 1, bytes: 1, since: undefined };
  expect((await again.newestMessages('logs/web-1/app', page))?.head).toBe(14);
  await again.close();

  const raw = new Libsql(file);
  const [found] = raw.prepare(`select rootpage from sqlite_master where name = 'users'`).all() as {
    rootpage: number;
  }[];
  raw.close();
  damage(file, found?.rootpage ?? 0);
  await expect(openStorageHere(directory)).rejects.toThrow(/is damaged/);
});
