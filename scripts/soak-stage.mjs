// What a soak's page looks at: a hub of its own and machines that report at their full rate, all by the built command,
// talk in a room, and strangers that are refused. Everything ends with stop().

import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault, root, run } from './run.mjs';

const program = join(root, 'packages/telltale/bin/telltale.js');
/** Lines a second of a run's output, and of each machine's log file. */
const outputRate = 50;
const logRate = 10;
const talkMs = 1_000;
const strangerMs = 5_000;
/** A log file is begun anew here, so that a day fits on the disk. */
const mostLogBytes = 4e6;

/** How long a process may take to end before it is killed. */
const endMs = 3_000;

/** What outlives this program has nobody who ends it. */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * @typedef {{ url: string, link: string, paths: readonly string[], hubBytes(): Promise<number>, stop(): Promise<void> }} Stage
 *   `link` signs in once as an administrator; `paths` are the pages worth looking at, the overview first.
 */

/**
 * Starts everything and answers when all of it reports.
 *
 * @param {{ machines?: number }} [options]
 * @returns {Promise<Stage>}
 */
export async function setStage({ machines = 3 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'telltale-soak-'));
  const children = [];
  const timers = [];
  const stop = async () => {
    for (const timer of timers) clearInterval(timer);
    await Promise.all(children.map((child) => ended(child)));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const env = environment({ TELLTALE_DATA_DIR: join(directory, 'hub') });
    const start = (words, more = {}) => {
      const child = spawn(process.execPath, [program, ...words], {
        cwd: directory,
        env: { ...env, ...more },
        stdio: ['ignore', 'pipe', 'ignore'],
        // A group of its own: Ctrl-C ends the round, and not what the verdict still asks.
        detached: true,
      });
      children.push(child);
      running.add(child);
      child.once('exit', () => running.delete(child));
      return child;
    };
    const link = await printed(start(['start', '--port', String(port)]), /http:\/\/\S+\/#start=\S+/);
    const minted = await run(
      process.execPath,
      [program, 'token', '--sub', 'soak', '--scope', 'admin', '--ttl', '30d'],
      {
        env,
      },
    );
    const ask = asker(url, minted.output.trim());

    for (let n = 1; n <= machines; n++) {
      const name = `web-${n}`;
      const home = join(directory, name);
      const log = join(home, 'app.log');
      mkdirSync(home);
      writeFileSync(log, '');
      const machine = { TELLTALE_AGENT_DIR: home, TELLTALE_MACHINE_ID: `machine-of-${name}` };
      const { token } = await ask('/api/enrolments', { name });
      start(['agent', '--hub', url, '--enrol', token, '--log', log], machine).stdout.resume();
      timers.push(setInterval(() => writeLines(log), 1_000 / logRate));
      if (n === 1) {
        await found(
          () => ask(`/api/channels/agents/${name}/messages`),
          ({ messages }) => messages.some(({ data }) => data?.state === 'live'),
        );
        const endless = `setInterval(() => console.log(new Date().toISOString(), 'part', process.hrtime()[1], 'is done'), ${1_000 / outputRate})`;
        start(['run', '--name', 'endless', '--', process.execPath, '-e', endless], machine).stdout.resume();
      }
    }
    const { messages } = await found(
      () => ask('/api/channels/runs/messages?limit=10'),
      (page) => page.messages.length > 0,
    );
    const ofRun = `/runs/${messages.at(-1).data.run}`;

    // What is said while the hub is busy may fail; it is said again a second later.
    const quietly = (asking) => void asking.catch(() => {});
    timers.push(
      setInterval(() => quietly(ask('/api/publish', { channel: 'chat/general', data: { text: 'soak' } })), talkMs),
      setInterval(() => quietly(fetch(`${url}/ws/nowhere/`).then((answer) => answer.arrayBuffer())), strangerMs),
    );
    return {
      url,
      link,
      paths: [
        '/',
        '/agents',
        '/agents/web-1',
        '/runs',
        ofRun,
        '/chat',
        '/connections',
        '/users',
        '/account',
        '/settings',
      ],
      hubBytes: async () => {
        const text = await (await fetch(`${url}/metrics`)).text();
        return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
      },
      stop,
    };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

function environment(more) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TELLTALE_'));
  return { ...Object.fromEntries(own), ...more };
}

function asker(url, token) {
  return async (path, body) => {
    const answer = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Fault(`The hub answered ${answer.status} to ${path}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
}

function writeLines(file) {
  if (statSync(file).size > mostLogBytes) truncateSync(file);
  appendFileSync(file, `${new Date().toISOString()} INFO a request was served\n`);
}

/** What a process prints that looks like this. */
async function printed(child, wanted) {
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    if (output.length < 100_000) output += text;
  });
  return await found(
    () => {
      if (child.exitCode !== null) throw new Fault(`The hub ended at its start; it printed:\n${output}`);
      return wanted.exec(output)?.[0];
    },
    (text) => text !== undefined,
  );
}

async function found(read, pleases, withinMs = 30_000) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (pleases(value)) return value;
    if (performance.now() > deadline)
      throw new Fault(`Nothing came in ${withinMs} ms but ${JSON.stringify(value)?.slice(0, 300)}`);
    await wait(50);
  }
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), endMs);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
