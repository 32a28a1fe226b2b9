// `telltale agent`: reports this machine to a hub until a signal ends it, and enrols it first where it is told to. Standard
// output says what a person wants to know, a line for each change; trouble goes to standard error.

import { resolve as absolute } from 'node:path';
import { type Agent, type LineState, mostLogFiles, type Place, startAgent } from '@telltale/agent/process';
import { StartFault } from '@telltale/hub/start-fault';
import { placeFor } from './agent-place.ts';
import { readBytes } from './byte-size.ts';
import { type Command, type CommandInput, UsageFault } from './command.ts';
import { complain, say, type Terminal } from './terminal.ts';
import { untilSignalled } from './until-signalled.ts';
import { version } from './version.ts';

/** How long an orderly end may take before the process ends all the same, in milliseconds. */
const stopMs = 2000;

/** The exit code of an agent that the hub wants no more: who starts services anew should not start this one (EX_NOPERM). */
const refusedCode = 77;

export const agent: Command = {
  flags: [
    { name: 'hub', value: 'url', meaning: 'where the hub is; default: where this machine was enrolled' },
    {
      name: 'enrol',
      value: 'token',
      meaning:
        'exchanges an enrolment token for a credential of this machine, and goes on\nwith it; once, later starts need neither',
    },
    {
      name: 'name',
      value: 'name',
      meaning: 'which agent; needed where the machine has several, or the token names none',
    },
    { name: 'log', value: 'file', isRepeatable: true, meaning: 'a log file to follow, also through its rotation' },
    {
      name: 'spool',
      value: 'size',
      meaning:
        'how much is kept on disk while the hub is away, like 64MB; the oldest is\ndropped first; default: 64MiB',
    },
    {
      name: 'dir',
      value: 'directory',
      meaning:
        'where agents are kept\nTELLTALE_AGENT_DIR; default: /var/lib/telltale-agent for root, else ~/.local/state/telltale-agent',
    },
  ],
  notes: [
    'An administrator makes an enrolment token on the Agents page, or with "telltale agent enrol" beside the hub.',
    `Ends with 0 after a signal, and with ${refusedCode} where the hub wants no more of it.`,
    'TELLTALE_MACHINE_ID tells this machine from others where it has no id of its own, as in containers.',
  ],
  async run(input, terminal) {
    const spoolBytes = spoolOf(input);
    const files = filesOf(input);
    const place = await placeFor(input, terminal);
    // Listened for before anything says that Ctrl-C stops it.
    const signalled = untilSignalled();
    let end = (_line: Ended): void => {};
    const ended = new Promise<Ended>((resolve) => (end = resolve));
    const started = startAgent({
      place,
      files,
      version,
      log: { warn: (fields, text) => complain(terminal, stamped(withReason(text, { ...fields }))) },
      onLine(line) {
        const text = describe(line, place);
        if (text !== undefined) say(terminal, stamped(text));
        if (line.kind === 'ended') end(line);
      },
      ...(spoolBytes === undefined ? {} : { spoolBytes }),
    });
    if (started.kind === 'owned') {
      throw new StartFault([`The agent ${place.agent} runs already on this machine, as process ${started.pid}.`]);
    }
    endWith(started.agent, terminal);
    say(terminal, `Telltale reports this machine as agent ${place.agent} to ${place.hub}, from ${place.directory}`);
    say(terminal, 'Press Ctrl-C to stop');

    const last = await Promise.race([signalled, ended]);
    setTimeout(() => process.exit(typeof last === 'string' ? 0 : refusedCode), stopMs).unref();
    await started.agent.stop(last === 'SIGTERM' ? 'shutting down' : 'stopped');
    if (typeof last === 'string') return 0;
    return refusedCode;
  },
};

type Ended = Extract<LineState, { kind: 'ended' }>;

/** Whatever failed left the agent in a state nobody knows: say it, end, let whoever watches over it start it anew. */
function endWith(running: Agent, terminal: Terminal): void {
  const fail = (error: unknown): void => {
    complain(terminal, `The agent ends after an error inside: ${error instanceof Error ? error.stack : String(error)}`);
    setTimeout(() => process.exit(1), stopMs).unref();
    void running.stop('failed').finally(() => process.exit(1));
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}

function spoolOf({ flags }: CommandInput): number | undefined {
  const size = flags.get('spool');
  if (size === undefined) return undefined;
  const bytes = readBytes(size);
  if (bytes !== undefined && bytes >= 1_000_000) return bytes;
  throw new UsageFault(`--spool: found ${JSON.stringify(size)}, expected a size from 1MB on, like 64MB or 2GiB`);
}

/** Refused here: the hub would refuse the whole status of an agent that follows more, each time, and take nothing else. */
function filesOf({ lists }: CommandInput): readonly string[] {
  const files = [...new Set((lists.get('log') ?? []).map((file) => absolute(file)))];
  if (files.length <= mostLogFiles) return files;
  throw new UsageFault(
    `--log: found ${files.length} files, expected at most ${mostLogFiles}; follow the others with a second agent on this machine, under a name of its own`,
  );
}

/** A change of the line in one sentence; undefined: not worth one. */
function describe(line: LineState, { hub }: Place): string | undefined {
  switch (line.kind) {
    case 'connecting':
      return undefined;
    case 'open':
      return `Connected to ${hub}`;
    case 'away':
      return `No line to ${hub}: ${line.reason}. What is reported is kept, and it tries again`;
    case 'refused':
      return `The hub turns this agent away (${line.code} ${line.name}): ${sentence(line)} It looks again`;
    case 'ended':
      return `The hub has ended this agent (${line.code} ${line.name}): ${sentence(line)}`;
  }
}

function sentence({ reason, hint }: Pick<Ended, 'reason' | 'hint'>): string {
  return `${reason}. ${hint}`.trim();
}

function withReason(text: string, { err, ...fields }: { err?: unknown; [name: string]: unknown }): string {
  const why = err instanceof Error ? `: ${err.message}` : '';
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${text}${why}${rest.length > 0 ? ` (${rest.join('').trim()})` : ''}`;
}

/** With the time in front, and without what could move the cursor of a terminal: some of it comes over the wire. */
function stamped(text: string): string {
  const time = new Date().toISOString().slice(0, 19);
  return `${time}Z ${text.replaceAll(/\p{Cc}+/gu, ' ')}`;
}
