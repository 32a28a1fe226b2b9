// The production guide, run as it stands: its environment file, nginx and Caddy with its configurations in front of a
// real hub. Only ports, folders and the certificate are filled in.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagesFrame, ServerFrame } from '@telltale/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hasTool, toolPath } from '../scripts/tools.mjs';
import { freePort, type HubProcess, startHubProcess, temporaryDirectory, testSecret } from './support/hub-process.ts';
import { fillIn, readSnippet } from './support/snippets.ts';
import { until } from './support/until.ts';

const guide = 'docs/production.md';
const page = 'https://ops.example.com';
/** Neither the hub nor the proxy is here, so only the client can be. */
const clientAddress = '127.0.0.2';
const claimedAddress = '203.0.113.9';

interface Proxy {
  readonly url: string;
  /** Everything it wrote: files and both outputs. */
  written(): string;
  accessLog(): string;
  end(): Promise<void>;
}

interface Program {
  readonly name: string;
  readonly tool: 'nginx' | 'caddy';
  /** Writes its configuration and says how to start it. */
  readonly prepare: (folder: string, ports: { proxy: number; hub: number }) => readonly string[];
}

const nginx: Program = {
  name: 'nginx',
  tool: 'nginx',
  prepare(folder, ports) {
    const site = fillIn(readSnippet(guide, 'nginx').code, {
      'listen 443 ssl;': `listen 127.0.0.1:${ports.proxy};`,
      '  ssl_certificate     /etc/ssl/ops.example.com.pem;\n': '',
      '  ssl_certificate_key /etc/ssl/ops.example.com.key;\n': '',
      '127.0.0.1:8000': `127.0.0.1:${ports.hub}`,
      '/var/log/nginx/': `${folder}/`,
    });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `pid ${folder}/nginx.pid; worker_processes 1; error_log ${folder}/error.log info; events {}\n` +
        `http { ${temporary.join(' ')}\n${site}\n}\n`,
    );
    return ['-p', folder, '-c', file, '-e', join(folder, 'start.log'), '-g', 'daemon off;'];
  },
};

const caddy: Program = {
  name: 'Caddy',
  tool: 'caddy',
  prepare(folder, ports) {
    const file = join(folder, 'Caddyfile');
    const code = readSnippet(guide, 'caddy').code;
    expect(code.startsWith('{\n')).toBe(true);
    writeFileSync(
      file,
      `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n${fillIn(code.slice(2), {
        'ops.example.com {': `http://127.0.0.1:${ports.proxy} {`,
        '127.0.0.1:8000': `127.0.0.1:${ports.hub}`,
        '/var/log/caddy/': `${folder}/`,
      })}`,
    );
    return ['run', '--config', file, '--adapter', 'caddyfile'];
  },
};

async function startProxy({ name, tool, prepare }: Program, hubPort: number): Promise<Proxy> {
  const folder = temporaryDirectory();
  const port = await freePort();
  const args = prepare(folder, { proxy: port, hub: hubPort });
  let output = '';
  const child: ChildProcess = spawn(toolPath(tool) ?? tool, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const logs = (): string[] => readdirSync(folder).filter((file) => file.endsWith('.log'));
  const written = (): string =>
    output +
    logs()
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('');
  const url = `http://127.0.0.1:${port}`;
  await until(
    `${name} to pass a request on`,
    async () => (child.exitCode === null ? (await fetch(`${url}/healthz`)).status : written()),
    (status) => status === 200,
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}; it wrote: ${written()}`);
  });
  return {
    url,
    written,
    accessLog: () => readFileSync(join(folder, 'telltale.access.log'), 'utf8'),
    async end() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A page's socket from another address of this machine, with a forged header. */
function open(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
  const frames: ServerFrame[] = [];
  let end = '';
  const socket = new WebSocket(url.replace('http', 'ws'), protocols, {
    origin: page,
    localAddress: clientAddress,
    headers: { 'X-Forwarded-For': claimedAddress, ...headers },
  });
  socket.on('message', (message) => frames.push(JSON.parse(String(message)) as ServerFrame));
  socket.on('error', (error) => (end = error.message));
  socket.on('close', (code, reason) => (end ||= `${code} ${String(reason)}`));
  const seen = (): readonly ServerFrame[] => {
    if (end !== '') throw new Error(`the socket ended: ${end}`);
    return frames;
  };
  return { socket, frames, seen, end: () => end };
}

const messagesOf = (frames: readonly ServerFrame[], channel: string): readonly unknown[] =>
  frames
    .filter((frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === channel)
    .flatMap(({ messages }) => messages.map(({ data }) => data));

const programs = [nginx, caddy].filter(({ tool }) => hasTool(tool));

describe.runIf(programs.length > 0).each(programs)('behind $name', (program) => {
  let hub: HubProcess;
  let proxy: Proxy;
  let token = '';
  beforeAll(async () => {
    const lines = readSnippet(guide, 'ini').code.trim().split('\n');
    const env: Record<string, string> = Object.fromEntries(lines.map((line) => line.split('=', 2) as [string, string]));
    expect(env['TELLTALE_SECRET']).toBe('');
    const { TELLTALE_DATA_DIR: _place, ...settings } = env;
    hub = await startHubProcess({ env: { ...settings, TELLTALE_SECRET: testSecret } });
    proxy = await startProxy(program, hub.port);
    token = await hub.token('alice', '--scope', 'operator');
  });
  afterAll(async () => {
    await proxy?.end();
    await hub?.[Symbol.asyncDispose]();
  });

  it('a page’s socket is welcomed, reads live messages and outlives a ping, under its own address', async () => {
    const { socket, seen } = open(`${proxy.url}/ws/dashboard/?token=${token}`);
    const pings: number[] = [];
    socket.on('ping', () => pings.push(Date.now()));
    await until('messages of this machine', seen, (frames) => messagesOf(frames, 'metrics/local').length > 0);
    expect(seen()[0]).toMatchObject({ type: 'welcome', mode: 'production', identity: { subject: 'alice' } });

    const rows = await until(
      'a row of this session',
      () => messagesOf(seen(), 'sessions'),
      (all) => all.length > 0,
    );
    expect(rows[0]).toMatchObject({ user: 'alice', address: clientAddress, origin: page });

    await until(
      'pings of both kinds',
      () => [seen().some(({ type }) => type === 'ping'), pings.length],
      ([json, plain]) => json === true && plain !== 0,
      30_000,
    );
    const before = messagesOf(seen(), 'metrics/local').length;
    await until(
      'a message after the ping',
      () => messagesOf(seen(), 'metrics/local').length,
      (count) => count > before,
    );
    socket.terminate();
    expect(hub.output()).toContain(`"address":"${clientAddress}"`);
    expect(hub.output()).not.toContain(claimedAddress);
  });

  it('a token passes in the subprotocol and as a Bearer too', async () => {
    const ways: [string[], Record<string, string>][] = [
      [['telltale.v1', `bearer.${token}`], {}],
      [[], { Authorization: `Bearer ${token}` }],
    ];
    for (const [protocols, headers] of ways) {
      const { socket, seen } = open(`${proxy.url}/ws/`, protocols, headers);
      await until('the welcome', seen, ([first]) => first?.type === 'welcome');
      expect(socket.protocol).toBe(protocols[0] ?? '');
      socket.terminate();
    }
  });

  it('[REF2] a refusal comes through with its code and reason', async () => {
    const { frames, end } = open(`${proxy.url}/ws/?token=undefined`);
    expect(await until('the end', end, (text) => text !== '')).toMatch(/^4401 token-placeholder: /);
    expect(frames).toMatchObject([{ type: 'refused', code: 4401 }]);
  });

  it('[END5] plain requests get their answers, and what is measured stays private', async () => {
    const own = await fetch(proxy.url);
    expect(own.status).toBe(200);
    expect(own.headers.get('content-security-policy')).toContain('wss://ops.example.com');
    expect((await fetch(`${proxy.url}/ws/`)).status).toBe(426);
    expect(await (await fetch(`${proxy.url}/ws/attempts/${'a'.repeat(22)}`)).json()).toMatchObject({ state: 'unseen' });
    expect((await fetch(`${proxy.url}/metrics`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${hub.port}/metrics`)).status).toBe(200);
  });

  it('[REF7] no log of anybody holds the token, also when the hub is away', async () => {
    const welcomed = open(`${proxy.url}/ws/dashboard/?token=${token}`);
    await until('the welcome', welcomed.seen, ([first]) => first?.type === 'welcome');
    welcomed.socket.terminate();
    await hub.kill9();
    const { end } = open(`${proxy.url}/ws/dashboard/?token=${token}`, ['telltale.v1', `bearer.${token}`]);
    expect(await until('the refusal of the proxy', end, (text) => text !== '')).toContain('502');
    // Caddy before 2.7 writes 0 where it switched protocols.
    const lines = [/\/ws\/dashboard\/.*(\b101\b|"status":0)/, /\/ws\/dashboard\/.*\b502\b/];
    const log = await until('the lines of both sockets', proxy.accessLog, (text) =>
      lines.every((line) => line.test(text)),
    );
    expect(log).toContain(clientAddress);
    const everything = proxy.written() + hub.output();
    expect(everything).toContain('/ws/dashboard/');
    for (const secret of [token, token.split('.')[2] as string, 'token=', 'bearer.', 'Bearer ']) {
      expect(everything).not.toContain(secret);
    }
  });

  it('its time-outs are longer than the silence between two pings', () => {
    const seconds = [...readSnippet(guide, 'nginx').code.matchAll(/_timeout (\d+)s/g)].map(([, value]) =>
      Number(value),
    );
    expect(seconds.length).toBeGreaterThan(0);
    for (const value of seconds) expect(value).toBeGreaterThan(25 + 10);
  });
});
