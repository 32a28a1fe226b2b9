// Starts what is measured and what measures, each on a core of its own where the machine has two, and asks /proc.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../scripts/run.mjs';

/** The bench's own folder. */
export const benchFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/local/nginx/modules'];

/** Where a program is, or undefined. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Bun's binary as npm installed it for this machine, or undefined. */
export function findBun() {
  const { arch } = process;
  const bun = join(benchFolder, `node_modules/@oven/bun-linux-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`);
  return existsSync(bun) ? bun : undefined;
}

/** nginx with nchan, or undefined. */
export function findNchan() {
  const nginx = findProgram('nginx');
  const folder = modules.find((path) => existsSync(join(path, 'ngx_nchan_module.so')));
  return nginx === undefined || folder === undefined ? undefined : { nginx, folder };
}

/** Whether server and generator each have a core of their own. */
export const isPinned = findProgram('taskset') !== undefined && availableParallelism() > 1;

/** Starts a program on a core; its output lines can be awaited one by one. */
export function start(core, command, args) {
  const [program, ...all] = isPinned ? ['taskset', '-c', String(core), command, ...args] : [command, ...args];
  const child = spawn(program, all, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints = (complaints + text).slice(-4000)));
  // Written to only to be ended, which it may have done itself.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => (complaints += error.message));
  return {
    pid: child.pid,
    endInput: () => child.stdin.end(),
    /** The next line of its output, as JSON. */
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Fault(`${command} ended before it answered:\n${complaints.trim()}`);
      return JSON.parse(value);
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts one of the Node or Bun servers; answers with its port and how to stop it. */
export async function startServer({ runtime, program }, settings) {
  if (runtime === 'nginx') return startNchan();
  const command = runtime === 'bun' ? findBun() : process.execPath;
  const server = start(0, command, [join(benchFolder, 'servers', program), JSON.stringify(settings)]);
  const { port } = await server.line();
  return { port, pid: server.pid, stop: () => server.stop() };
}

async function startNchan() {
  const { nginx, folder } = findNchan();
  const work = mkdtempSync(join(tmpdir(), 'bench-nchan-'));
  const port = await freePort();
  const text = readFileSync(join(benchFolder, 'servers/nchan.conf'), 'utf8');
  const configuration = text.replace('FOLDER', folder).replaceAll('WORK', work).replace('PORT', String(port));
  writeFileSync(join(work, 'nginx.conf'), configuration);
  const server = start(0, nginx, ['-p', work, '-c', join(work, 'nginx.conf')]);
  await listening(port);
  return {
    port,
    pid: server.pid,
    async stop() {
      await server.stop();
      rmSync(work, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port) {
  const until = performance.now() + 10_000;
  while (performance.now() < until) {
    const isThere = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Fault(`nginx did not listen on port ${port} within 10 s.`);
}

/** What a process holds in memory, in bytes. */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
