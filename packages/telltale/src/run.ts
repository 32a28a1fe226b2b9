// `telltale run`: runs a command as if it had been started without us, and reports what it does. The command comes first:
// nothing about the hub, the disk or the credential delays it, changes what it says or how it ends.

import { basename } from 'node:path';
import type { RunCancelled, RunRecorder } from '@telltale/agent/runs';
import { type Command, type CommandInput, UsageFault } from './command.ts';
import { type CommandEnd, startCommand } from './run-child.ts';
import { whoStarted } from './run-origin.ts';
import { endCommand } from './run-signals.ts';
import { type CommandLine, inTerminal, quoted } from './run-terminal.ts';
import { complain, type Terminal } from './terminal.ts';

/** How long the end of a run may wait for the hub's answers, in milliseconds; what is left is sent by somebody later. */
const leaveMs = 600;

/** How long our own end may take after that, in milliseconds. */
const closeMs = 100;

/** How long after a kill a reader that takes no output is waited for, in milliseconds. */
const stuckMs = 1000;

/** Signals whose death is passed on as such, so that a shell stops a script as it would have without us. */
const passedOn: readonly string[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

export const run: Command = {
  flags: [
    { name: 'name', value: 'name', meaning: "what the run is called; default: the command's name" },
    { name: 'agent', value: 'agent', meaning: 'which agent of this machine reports it; needed where it has several' },
    { name: 'hub', value: 'url', meaning: 'where the hub is; default: where the agent was enrolled' },
    { name: 'tty', meaning: 'gives the command a terminal, for programs that print less, or later, without one' },
    {
      name: 'grace',
      value: 'time',
      meaning:
        'how long it may take to end after somebody cancelled it, like 30s or 5m,\nbefore it is killed; default: what the hub says',
    },
  ],
  notes: [
    "The command's output passes through as it is, and its exit code is ours: 127 if it was not found, 126 if it cannot",
    'be run, 128 + n if signal n ended it. Its command line is shown on the hub as it was typed: keep secrets out of it.',
  ],
  async run(input, terminal) {
    const wanted = wantedOf(input);
    const line = commandLineOf(input, terminal);
    // The command first: it runs while we load what reports it.
    const at = Date.now();
    const command = startCommand(line);
    const recorder = await record(input, wanted, at, terminal);
    let hasEnded = false;

    let stopEnding = (): void => {};
    recorder?.signal.addEventListener('abort', () => {
      if (hasEnded) return;
      const graceMs = wanted.graceMs ?? (recorder.signal.reason as RunCancelled).graceMs;
      const stop = endCommand(command.target, graceMs);
      const stuck = setTimeout(command.abandon, graceMs + stuckMs);
      stopEnding = () => {
        clearTimeout(stuck);
        stop();
      };
    });
    const end = await command.pass((stream, bytes) => recorder?.output(stream, bytes));
    hasEnded = true;
    stopEnding();
    if (end.kind === 'not-started') complain(terminal, `telltale run: ${end.sentence}`);
    recorder?.end(endedOf(end, recorder.signal));
    if ((await recorder?.leave(leaveMs)) === 'lost') {
      complain(terminal, 'telltale run: what the hub does not have of this run is lost: the disk has no room for it');
    }
    if (end.kind === 'signalled' && passedOn.includes(end.signal)) process.kill(process.pid, end.signal);
    // A write that nobody takes would hold this process for good.
    if (command.isAbandoned) process.kill(process.pid, 'SIGKILL');
    // So would a line to the hub that does not close.
    setTimeout(() => process.exit(end.code), closeMs).unref();
    return end.code;
  },
};

interface Wanted {
  readonly name: string | undefined;
  readonly agent: string | undefined;
  readonly hub: string | undefined;
  readonly graceMs: number | undefined;
}

/** Reads the flags. Throws a UsageFault. */
function wantedOf({ flags }: CommandInput): Wanted {
  const grace = flags.get('grace');
  const graceMs = grace === undefined ? undefined : readMs(grace);
  if (grace !== undefined && graceMs === undefined) {
    throw new UsageFault(`--grace: found ${JSON.stringify(grace)}, expected a time up to 1h, like 10s or 5m`);
  }
  const hub = flags.get('hub');
  if (hub !== undefined && !/^(https?|wss?):$/.test(URL.canParse(hub) ? new URL(hub).protocol : '')) {
    throw new UsageFault(`--hub: found ${JSON.stringify(hub)}, expected an address like https://ops.example.com`);
  }
  return { name: flags.get('name'), agent: flags.get('agent'), hub, graceMs };
}

/** Milliseconds of a time like `10s`, `5m` or `1h`; undefined if it is none, or longer than an hour. */
function readMs(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,5})([smh]?)$/.exec(text) ?? [];
  if (amount === '') return undefined;
  const ms = Number(amount) * (unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : 1000);
  return ms <= 3_600_000 ? ms : undefined;
}

function commandLineOf({ behind, flags }: CommandInput, terminal: Terminal): CommandLine {
  const [file = '', ...args] = behind;
  const line = { file, args, env: terminal.env };
  if (!flags.has('tty')) return line;
  const lent = inTerminal(line, process.platform);
  if (lent !== undefined) return lent;
  throw new UsageFault('--tty needs the program "script" (util-linux has it), and no directory of PATH has it');
}

/** Begins the report. What stands in its way is told in one line, and the command runs all the same. */
async function record(
  { behind }: CommandInput,
  { name, agent, hub }: Wanted,
  at: number,
  terminal: Terminal,
): Promise<RunRecorder | undefined> {
  let isTold = false;
  const tell = (text: string): void => {
    // One line, whatever a hub says.
    if (!isTold) complain(terminal, `telltale run: ${text.replaceAll(/\s+/g, ' ')}`);
    isTold = true;
  };
  // Whatever fails inside the report, the command goes on.
  const fail = (error: unknown): void => tell(`the report failed inside: ${String(error)}`);
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  const { openRunRecorder } = await import('@telltale/agent/runs');
  const opened = openRunRecorder({
    name: name ?? basename(behind[0] ?? ''),
    command: behind.map(quoted).join(' '),
    by: whoStarted(),
    at,
    agent,
    hub,
    log: { warn: (_fields, text) => tell(text) },
  });
  if (opened.kind === 'recording') return opened.recorder;
  tell(`this run is not reported: ${opened.why}`);
  return undefined;
}

function endedOf(end: CommandEnd, signal: AbortSignal): Parameters<RunRecorder['end']>[0] {
  switch (end.kind) {
    case 'not-started':
      return { outcome: 'failed', exitCode: end.code, error: end.sentence };
    case 'exited':
      return { outcome: signal.aborted ? 'cancelled' : end.code === 0 ? 'succeeded' : 'failed', exitCode: end.code };
    case 'signalled':
      return { outcome: signal.aborted ? 'cancelled' : 'failed', signal: end.signal };
  }
}
