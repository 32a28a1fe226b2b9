// The command as a person gives it: what it refuses to examine, what it prints, and that no secret is among it. What it
// finds is proved by the zoo, in tests/doctor-zoo.test.ts.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DoctorReport } from './doctor/report.ts';
import { main } from './index.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...words: readonly string[]): Promise<Ran> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const terminal = { stdin: Readable.from([]), stdout: into('out'), stderr: into('err'), env: {}, directory: tmpdir() };
  return { code: await main(['doctor', ...words], terminal), ...written };
}

/** A server on a free port, gone when the test is. */
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An address that nobody answers at. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}

describe('doctor asked for wrongly', () => {
  it.each([
    [[], '"telltale doctor" needs <address>'],
    [['localhost:8000/ws/'], 'did you mean ws://localhost:8000/ws/?'],
    [['ftp://example.com'], 'expected an address such as wss://ops.example.com/ws/'],
    [['ws://localhost/', '--origin', 'ops.example.com'], '--origin: found "ops.example.com", expected an origin'],
    [['ws://localhost/', '--origin', 'https://ops.example.com/'], 'a browser sends https://ops.example.com'],
    [['ws://localhost/', '--direct', '127.0.0.1'], '--direct: found "127.0.0.1" without ws://'],
    [['ws://localhost/', '--token-in', 'cookie'], '--token-in: found "cookie", expected query, protocol, header'],
    [['ws://localhost/', '--protocol', 'a b'], '--protocol: found "a b"'],
    [['ws://localhost/', '--timeout', 'soon'], '--timeout: found "soon", expected seconds'],
    [['ws://localhost/', '--idle', '--idle-seconds', '0'], '--idle-seconds: found "0"'],
    [['ws://localhost/', '--resolver', 'dns.example'], '--resolver: found "dns.example", expected an address'],
    [['ws://localhost/', '--ca', 'missing.pem'], '--ca: missing.pem cannot be read (ENOENT)'],
    [['ws://localhost/', '--token', 'a', '--token-file', 'b'], '--token-file: b cannot be read'],
    [['ws://localhost/', '--orign', 'x'], 'did you mean --origin?'],
  ])('as %j says so and ends with 2', async (words, sentence) => {
    const { code, out, err } = await run(...words);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(sentence);
  });

  it('shows no credential of an address that is none', async () => {
    const { err } = await run('localhost:8000/ws/?token=canary-7f3a9c');
    expect(err).toContain('localhost:8000/ws/');
    expect(err).not.toContain('canary');
  });
});

describe('doctor', () => {
  it('says in its help what it prints and how it ends', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const words of ['Usage: telltale doctor <address>', '--direct', 'Exit code: 0', 'JSON: {format: 1']) {
      expect(out).toContain(words);
    }
  });

  it('prints one line for each check, what was not examined, and one sentence at last', async () => {
    const port = await closedPort();
    const { code, out, err } = await run(`ws://127.0.0.1:${port}/ws/`);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(0, 4)).toEqual([
      `✓ address      ws://127.0.0.1:${port}/ws/, not encrypted`,
      '✓ name         127.0.0.1 is an address, nothing to look up',
      `✗ TCP          nothing listens at 127.0.0.1:${port}: the connection is refused`,
      '               → Start the server, or correct the port; in a container, see that it listens on more than its own loopback.',
    ]);
    expect(lines.filter((line) => line.startsWith('– not examined, because'))).not.toEqual([]);
    expect(lines.at(-1)).toMatch(/^Broken at the server: nothing listens at .*\.$/);
    expect(lines.at(-2)).toBe('');
  });

  it('names the first hop of the way that is broken, and still says what is wrong with the token', async () => {
    const port = await closedPort();
    const { code, out } = await run(`ws://127.0.0.1:${port}/ws/`, '--token', 'undefined');
    expect(code).toBe(2);
    expect(out).toMatch(/^✗ token .*undefined/m);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^Broken at the server: nothing listens at /);
    const server = createServer((_request, response) => response.writeHead(404).end());
    const elsewhere = await run(`ws://127.0.0.1:${await listening(server)}/wsx/`, '--token', 'undefined');
    expect(elsewhere.out.trimEnd().split('\n').at(-1)).toMatch(/^Broken at the server: .* answered 404/);
  });

  it.each([
    ['forbids it', 403],
    ['fails over it', 500],
  ])('names the token where the server %s', async (_what, status) => {
    const server = createServer((_request, response) => response.end('here'));
    server.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
    const { out } = await run(`ws://127.0.0.1:${await listening(server)}/`, '--token', 'undefined');
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^Broken at the token: /);
  });

  it('prints an object of a stable shape instead, and nothing else', async () => {
    const port = await closedPort();
    const { code, out } = await run(`ws://127.0.0.1:${port}/ws/`, '--json');
    const report = JSON.parse(out) as DoctorReport;
    expect(report).toMatchObject({
      format: 1,
      address: `ws://127.0.0.1:${port}/ws/`,
      exitCode: 2,
      verdict: {
        level: 'fail',
        id: 'tcp-refused',
        hop: 'server',
        sentence: expect.stringMatching(/^Broken/) as string,
      },
    });
    expect(code).toBe(report.exitCode);
    expect(Object.keys(report).sort()).toEqual(['address', 'checks', 'exitCode', 'format', 'tookMs', 'verdict']);
    const names = report.checks.map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual(['address', 'name', 'page', 'tcp']);
    expect(new Set(names).size).toBe(names.length);
    const [tcp] = report.checks.filter(({ name }) => name === 'tcp');
    expect(Object.keys(tcp?.findings[0] ?? {})).toEqual(['level', 'id', 'hop', 'found', 'cure']);
    expect(report.checks.find(({ name }) => name === 'handshake')?.skipped).toBe('nothing could be asked');
  });

  it('reads the token from a file', async () => {
    let asked = '';
    const server = createServer((_request, response) => response.end('hello'));
    server.on('upgrade', (request, socket) => {
      asked = request.url ?? '';
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    });
    const port = await listening(server);
    const { out } = await run(`ws://127.0.0.1:${port}/live?room=7`, '--token-file', file('tok_of_a_file\n'));
    expect(asked).toBe('/live?room=7&token=tok_of_a_file');
    expect(out).not.toContain('tok_of_a_file');
  });

  it('prints no secret, whatever a server repeats of it', async () => {
    const secrets = {
      token: 'canary.token.Zr4Lq9Xw2Kd7Tb5Nf8',
      key: 'canaryKey-6hJm3Vc8Pq1',
      password: 'canaryPassword-5Rt9',
    };
    const echo = JSON.stringify({ token: secrets.token, key: secrets.key, error: `bad ${secrets.token}` });
    const server = createServer((_request, response) => {
      response.setHeader('Server', `echo/${secrets.token}`);
      response.end(echo);
    });
    let isOpen = false;
    server.on('upgrade', (request, socket) => {
      // First refused with the token in its body, then redirected with it, then taken and closed with it.
      const target = request.url ?? '';
      isOpen = !isOpen;
      const head = isOpen ? '403 Forbidden' : `302 Found\r\nLocation: https://login.example.com/${target}`;
      socket.end(`HTTP/1.1 ${head}\r\nContent-Length: ${Buffer.byteLength(echo)}\r\n\r\n${echo}`);
    });
    const port = await listening(server);
    const address = `ws://ada:${secrets.password}@127.0.0.1:${port}/live?api_key=${secrets.key}`;
    const ways: readonly (readonly string[])[] = [
      [address, '--token', secrets.token],
      [`${address}&token=${secrets.token}`],
      [`${address}&token=${secrets.token}`, '--json'],
      [address, '--token', secrets.token, '--token-in', 'header', '--origin', 'https://ops.example.com'],
      [address, '--token', secrets.token, '--token-in', 'protocol', '--direct', `${address}&token=${secrets.token}`],
    ];
    for (const words of ways) {
      const { code, out, err } = await run(...words);
      expect(code).toBe(2);
      expect(out).toMatch(/handshake/);
      for (const secret of Object.values(secrets)) {
        for (let at = 0; at + 8 <= secret.length; at++) expect(out + err).not.toContain(secret.slice(at, at + 8));
      }
    }
  });

  it('lets no server write to the terminal', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () =>
        socket.end('HTTP/1.1 404 No\r\nServer: \x1b[2J\x07evil\u009b\r\nContent-Length: 5\r\n\r\n\x1b[1mx'),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const flags of [[], ['--json']]) {
      const { out } = await run(`ws://127.0.0.1:${port}/live`, ...flags);
      expect(out).toContain('evil');
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}]/u);
    }
  });

  it('judges a token by the time of the handshake where a plain answer has none, and says whose clock it is', async () => {
    let heads: readonly string[] = [];
    const server = createServer((_request, response) => {
      response.sendDate = false;
      response.writeHead(426).end();
    });
    server.on('upgrade', (request, socket) => {
      const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`;
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', accept, ...heads];
      socket.on('error', () => socket.destroy());
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
    });
    const port = await listening(server);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'ada', iss: 'home', aud: ['hub', 'api'], exp: Math.floor(Date.now() / 1000) + 630 };
    const words = [`ws://127.0.0.1:${port}/live`, '--token', `${part({ alg: 'HS256' })}.${part(claims)}.c2ln`];
    const untold = await run(...words);
    expect(untold.out).toContain('a JWT of ada, HS256, from home, for hub, api');
    expect(untold.out).toContain('valid for another 10 min by this machine’s clock; the server told no time');
    heads = [`Date: ${new Date(Date.now() + 3_600_000).toUTCString()}`];
    const told = await run(...words);
    expect(told.out).toMatch(/! clock +its clock is (?:1 h|60 min) ahead of the one of this machine/);
    expect(told.out).toMatch(/! token times +it expired .* ago by the clock of the server alone/);
  });
});
