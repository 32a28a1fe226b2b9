// `telltale start` where something stands in its way, as a process: one clear sentence, an exit code, no stack. And how
// fast it comes and goes when nothing does.

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort, runCommand, startHubProcess, temporaryDirectory, type Ended } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { openPlainSocket } from './support/plain-socket.ts';

const folder = temporaryDirectory();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** It ended, said so many sentences to standard error, each on one line, and nothing else. */
function expectSentences({ code, stdout, stderr }: Ended, count: number): readonly string[] {
  expect(stderr, 'no stack').not.toMatch(/^\s+at |node:internal|Error:/m);
  expect(stdout).toBe('');
  expect(code).toBeGreaterThan(0);
  const lines = stderr.trim().split('\n');
  expect(lines, stderr).toHaveLength(count);
  for (const line of lines) expect(line).toMatch(/^\S.{20,}/);
  return lines;
}

describe('telltale start says in one sentence', () => {
  it('that its port is taken, on either loopback address, and how to choose another', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const other = createServer();
      const port = await freePort();
      const isListening = await new Promise<boolean>((resolve) => {
        other.once('error', () => resolve(false));
        other.listen(port, host, () => resolve(true));
      });
      // A machine without IPv6 has no second loopback address to take.
      if (!isListening && host === '::1') continue;
      const ended = await runCommand(['start', '--port', String(port), '--data-dir', join(folder, 'taken')]);
      const [line] = expectSentences(ended, 1);
      expect(line).toMatch(new RegExp(`Port ${port} is taken by another program: .*--port`));
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('that its data directory cannot be written, is a file, or lies below one', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const places = [file, join(file, 'below'), '/proc/telltale'];
    if (process.getuid?.() !== 0) {
      const closed = join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      places.push(closed);
    }
    for (const place of places) {
      const [line] = expectSentences(await runCommand(['start', '--port', '0', '--data-dir', place]), 1);
      expect(line).toContain(place);
      expect(line).toMatch(/is not a directory|cannot be written/);
      expect(line).toMatch(/--data-dir/);
    }
  });

  it('that its database is damaged, at the beginning or in the middle, and how to go on', async () => {
    const whole = join(folder, 'whole');
    mkdirSync(whole);
    const added = await runCommand(['user', 'add', 'mara', '--data-dir', whole], { input: 'a quiet correct horse\n' });
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const backup = join(folder, 'backup.db');
    await runCommand(['backup', backup, '--data-dir', whole]);
    const good = readFileSync(backup);
    const broken: readonly [string, Buffer][] = [
      ['beginning', Buffer.concat([Buffer.from('this is no database'), good.subarray(19)])],
      ['middle', Buffer.concat([good.subarray(0, 4096), Buffer.alloc(8192, 0xa5), good.subarray(4096 + 8192)])],
    ];
    for (const [where, bytes] of broken) {
      const place = join(folder, `damaged-${where}`);
      mkdirSync(place);
      writeFileSync(join(place, 'telltale.db'), bytes);
      const [line] = expectSentences(await runCommand(['start', '--port', '0', '--data-dir', place]), 1);
      expect(line).toMatch(/The database \S+telltale\.db is damaged .*telltale restore/);

      // And that way works.
      const restored = await runCommand(['restore', backup, '--data-dir', place]);
      expect(restored).toMatchObject({ code: 0, stderr: '' });
      const listed = await runCommand(['user', 'list', '--data-dir', place]);
      expect(listed.stdout).toMatch(/^mara\b/m);
    }
  });

  it('that a setting does not exist, in the environment or as a flag, with the one that was meant', async () => {
    const place = join(folder, 'settings');
    const byName = await runCommand(['start', '--data-dir', place], { env: { TELLTALE_PROT: '8000' } });
    expect(expectSentences(byName, 1)[0]).toMatch(/TELLTALE_PROT is not a setting of Telltale.*TELLTALE_PORT/);
    const byFlag = await runCommand(['start', '--data-dir', place, '--prot', '8000']);
    expect(byFlag.code).toBe(2);
    expect(byFlag.stderr).toMatch(/^--prot is not a flag of "telltale start"; did you mean --port\?$/m);
    const byWord = await runCommand(['strat']);
    expect(byWord.code).toBe(2);
    expect(byWord.stderr).toMatch(/"telltale strat" is not a command; did you mean "telltale start"\?/);
  });

  it('each of several faults, all at once', async () => {
    const env = {
      TELLTALE_MODE: 'production',
      TELLTALE_PORT: '99999',
      TELLTALE_LOG_LEVEL: 'loud',
      TELLTALE_ALLOWED_ORIGINS: 'https://ops.example.com/',
      TELLTALE_DATA_DIR: join(folder, 'several'),
    };
    const lines = expectSentences(await runCommand(['start'], { env }), 4);
    for (const name of ['TELLTALE_PORT', 'TELLTALE_LOG_LEVEL', 'TELLTALE_ALLOWED_ORIGINS', 'TELLTALE_SECRET']) {
      expect(
        lines.filter((line) => line.startsWith(name)),
        name,
      ).toHaveLength(1);
    }
    const unknownMode = await runCommand(['start'], { env: { TELLTALE_MODE: 'prod', TELLTALE_DATA_DIR: folder } });
    expect(unknownMode.stderr).toMatch(/^TELLTALE_MODE: found "prod", expected "development" or "production"/m);
    expect(unknownMode.code).toBe(1);
  });

  it('that its Node is too old', async () => {
    const pretend = join(folder, 'old-node.cjs');
    for (const version of ['18.20.8', '20.18.3']) {
      writeFileSync(pretend, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
      const ended = await runCommand(['start', '--port', '0'], { nodeFlags: ['-r', pretend] });
      expect(expectSentences(ended, 1)[0]).toMatch(new RegExp(`needs Node 20\\.19 or newer.*${version}`));
    }
  });
});

describe('telltale start', () => {
  it('[STP1] [STP2] is up in under 5 s; Ctrl-C ends it within 2 s with every session told when to return', async () => {
    await using hub = await startHubProcess();
    const sockets = Array.from({ length: 20 }, () => openPlainSocket(hub.socketUrl('/ws/dashboard/')));
    await Promise.all(sockets.map((socket) => socket.frame('subscribed')));
    const asked = performance.now();
    expect(await hub.interrupt()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(promised(2000));
    for (const socket of sockets) {
      expect(await socket.end()).toMatchObject({ code: 1012 });
      const goodbye = await socket.frame('goodbye');
      expect(goodbye).toMatchObject({ code: 1012, retry: true, retryAfterMs: expect.any(Number) as number });
    }
    expect(hub.output()).not.toMatch(/^\s+at /m);
    expect(await hub.restart()).toBeLessThan(promised(5000));
  });

  it('ends within 2 s also while a peer neither reads nor says goodbye, and one has not finished its request', async () => {
    await using hub = await startHubProcess();
    const { connect } = await import('node:net');
    const half = connect(hub.port, '127.0.0.1').on('error', () => undefined);
    half.write(
      'POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    const deaf = connect(hub.port, '127.0.0.1').on('error', () => undefined);
    const upgraded = new Promise<void>((resolve) => {
      deaf.once('data', () => {
        deaf.pause();
        resolve();
      });
    });
    deaf.write(
      'GET /ws/dashboard/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await upgraded;
    const asked = performance.now();
    expect(await hub.interrupt()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(promised(2500));
    half.destroy();
    deaf.destroy();
  });
});
