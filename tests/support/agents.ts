// Agents and runs as processes of their own, by the built command, each with a directory and a machine id of its own as
// on a machine of its own; and what the hub has of them, read to the first line as anybody would by HTTP.

import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LogMessage, RunEvent } from '@telltale/agent/run-events';
import type { AgentRow, Enrolment, HistoryPage, RunRow, RunSnapshot } from '@telltale/hub/api';
import { cleanEnvironment, type HubProcess, root, temporaryDirectory } from './hub-process.ts';
import { until } from './until.ts';

const program = join(root, 'packages/telltale/bin/telltale.js');

/** A process whose output is kept. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the built command; both outputs are kept as bytes were, in latin1, where `encoding` says so. */
export function startCommand(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  encoding: BufferEncoding = 'utf8',
): Running {
  return startProgram([program, ...words], env, encoding);
}

/** Starts a program of Node. */
export function startProgram(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  encoding: BufferEncoding = 'utf8',
): Running {
  const child: ChildProcess = spawn(process.execPath, words, {
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding(encoding).on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding(encoding).on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? -1));
  });
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    kill,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) kill('SIGKILL');
      await ended;
    },
  };
}

/** One machine: where its credential and its spools are, and what tells it from others. */
export interface Machine extends Disposable {
  readonly agent: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Starts its agent. */
  start(...flags: string[]): Running;
  /** Starts a run around a command. */
  run(name: string, words: readonly string[], flags?: readonly string[]): Running;
}

export interface MachineOptions {
  /** Where the hub is for this machine: a proxy's address, for one. */
  readonly url?: string;
  readonly directory?: string;
  readonly machine?: string;
}

/** A machine whose directory may hold a credential already. */
export function machineOf(agent: string, options: MachineOptions = {}): Machine {
  const directory = options.directory ?? temporaryDirectory();
  const env = { TELLTALE_AGENT_DIR: directory, TELLTALE_MACHINE_ID: options.machine ?? `machine-of-${agent}` };
  return {
    agent,
    directory,
    env,
    start: (...flags) => startCommand(['agent', ...flags], env),
    run: (name, words, flags = []) => startCommand(['run', '--name', name, ...flags, '--', ...words], env, 'latin1'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** An admin's view of a hub by HTTP. */
export interface Admin {
  ask<Answer>(path: string, body?: object): Promise<Answer>;
  enrol(name: string): Promise<Enrolment>;
  /** All messages of a channel the hub keeps, oldest first, page by page from the young end. */
  history<Data>(channel: string): Promise<readonly { readonly offset: number; readonly data: Data }[]>;
  /** The newest message of a channel: what is cheap to ask again and again. */
  newest<Data>(channel: string): Promise<Data | undefined>;
  run(run: string): Promise<RunSnapshot>;
  runs(): Promise<readonly RunRow[]>;
}

export async function adminOf(hub: HubProcess): Promise<Admin> {
  const token = await hub.token('ops', '--scope', 'admin');
  const ask = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${hub.port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as Answer;
  };
  return {
    ask,
    enrol: (name) => ask('/api/enrolments', { name }),
    async history<Data>(channel: string) {
      const found: { offset: number; data: Data }[] = [];
      for (let before = ''; ;) {
        const page = await ask<HistoryPage>(`/api/channels/${channel}/messages?limit=1000${before}`);
        found.unshift(...page.messages.map(({ offset, data }) => ({ offset, data: data as Data })));
        const [oldest] = page.messages;
        if (!page.more || oldest === undefined) return found;
        before = `&before=${page.epoch}:${oldest.offset}`;
      }
    },
    async newest<Data>(channel: string) {
      const { messages } = await ask<HistoryPage>(`/api/channels/${channel}/messages?limit=1`);
      return messages.at(-1)?.data as Data | undefined;
    },
    run: (run) => ask(`/api/runs/${run}`),
    async runs() {
      const page = await ask<HistoryPage>('/api/channels/runs/messages?limit=1000');
      return page.messages.flatMap(({ data }) => (data === null ? [] : [data as RunRow]));
    },
  };
}

/** Enrols a machine and starts its agent, which goes on running. */
export async function enrolMachine(
  hub: HubProcess,
  admin: Admin,
  agent: string,
  options: MachineOptions & { readonly flags?: readonly string[] } = {},
): Promise<{ readonly machine: Machine; readonly process: Running }> {
  const machine = machineOf(agent, options);
  const { token } = await admin.enrol(agent);
  const process = machine.start('--hub', options.url ?? hub.url, '--enrol', token, ...(options.flags ?? []));
  await until(
    `agent ${agent}`,
    async () => {
      const page = await admin.ask<HistoryPage>(`/api/channels/agents/${agent}/messages`);
      return (page.messages.at(-1)?.data as { state?: string } | undefined)?.state ?? process.stderr();
    },
    (state) => state === 'live',
  );
  return { machine, process };
}

/** The run of this name, once it is as wanted. */
export async function runNamed(
  admin: Admin,
  name: string,
  isWanted: (row: RunRow) => boolean = () => true,
  withinMs = 20_000,
): Promise<RunRow> {
  const rows = await until(
    `run ${name}`,
    async () => (await admin.runs()).filter((row) => row.name === name),
    (found) => found.some(isWanted),
    withinMs,
  );
  return rows.find(isWanted) as RunRow;
}

export const hasEnded = ({ state }: RunRow): boolean => state !== 'running' && state !== 'cancelling';

/** The lines of one stream, parts joined, and in the place of lines that were dropped their number. */
export function linesOf(
  messages: readonly { readonly data: RunEvent | LogMessage }[],
  stream?: 'err',
): readonly (string | number)[] {
  const lines: (string | number)[] = [];
  let begun = '';
  for (const { data } of messages) {
    if (data.type === 'gap') lines.push(data.count);
    if (data.type !== 'line' || ('stream' in data ? data.stream : undefined) !== stream) continue;
    begun += data.text;
    if (data.more) continue;
    lines.push(begun);
    begun = '';
  }
  if (begun !== '') lines.push(`${begun} (its end is missing)`);
  return lines;
}

/** The lines of `logs/<agent>/<file>`, once this one is the last. */
export async function logUpTo(last: string, admin: Admin, channel: string): Promise<readonly (string | number)[]> {
  await until(
    `"${last.slice(0, 40)}" in ${channel}`,
    () => admin.newest<LogMessage>(channel),
    (newest) => newest?.type === 'line' && newest.text === last,
    60_000,
  );
  return linesOf(await admin.history<LogMessage>(channel));
}

/** The channel of the only log file that an agent follows. */
export async function logOf(admin: Admin, agent: string): Promise<string> {
  const row = await admin.newest<AgentRow>(`agents/${agent}`);
  return `logs/${agent}/${row?.files[0]?.file ?? 'no-file'}`;
}
