// `telltale run` and what the hub has of it, with real processes: bytes of every kind, ends of every kind, a cancellation, a
// wrapper that is killed, a hub that is away, frozen or says no. The job never notices; nothing it said is lost.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '@telltale/agent/run-events';
import type { EnrolAnswer, RunRow } from '@telltale/hub/api';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { machineFingerprint } from '../packages/agent/src/fingerprint.ts';
import { savePlace } from '../packages/agent/src/place.ts';
import {
  type Admin,
  adminOf,
  hasEnded,
  linesOf,
  type Machine,
  machineOf,
  type Running,
  runNamed,
  startProgram,
} from './support/agents.ts';
import { startChaosProxy } from './support/chaos-proxy.ts';
import { type HubProcess, root, startHubProcess } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { readSnippets } from './support/snippets.ts';
import { until, within } from './support/until.ts';

let hub: HubProcess;
let admin: Admin;

beforeAll(async () => {
  hub = await startHubProcess();
  admin = await adminOf(hub);
});
afterAll(() => hub[Symbol.asyncDispose]());

/** A machine with a credential, on which nothing but its runs reports. */
async function enrol(agent: string, url: string = hub.url): Promise<Machine> {
  const machine = machineOf(agent);
  onTestFinished(() => machine[Symbol.dispose]());
  const { token } = await admin.enrol(agent);
  const fingerprint = machineFingerprint(machine.env);
  const { credential } = await admin.ask<EnrolAnswer>('/api/enrol', { token, machine: fingerprint });
  savePlace({ hub: url, agent, credential, machine: fingerprint }, machine.directory);
  return machine;
}

function run(machine: Machine, name: string, words: readonly string[], flags: readonly string[] = []): Running {
  const running = machine.run(name, words, flags);
  onTestFinished(() => {
    // Passed on to the command, which a SIGKILL would leave behind.
    running.kill('SIGTERM');
    return within('its end', running.ended).then(() => undefined);
  });
  return running;
}

/** How a script tells its progress, as docs/runs.md says it. */
const progressAsDocumented = readSnippets('docs/runs.md')
  .find(({ code }) => code.includes(']9;4;'))
  ?.code.trim();

const eventsOf = ({ run: id }: RunRow): Promise<readonly { readonly data: RunEvent }[]> => admin.history(`runs/${id}`);
/** The lines a reader of all bytes would see. */
const decoded = (bytes: Uint8Array): string[] => {
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};
/** What a run has on disk that the hub has not answered, oldest first. */
const spoolOf = (machine: Machine, id: string): string => {
  const directory = join(machine.directory, machine.agent, 'spool', `run-${id}`);
  const segments = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  return segments
    .sort()
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('');
};
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

/** Expects the wrapper to end within a second of the command's last word; a machine that was busy itself is asked again. */
async function expectToLeave(
  begin: () => Running,
  lastWord: string,
  { code, stderr }: { readonly code: number; readonly stderr: RegExp } = { code: 0, stderr: /^$/ },
): Promise<void> {
  let took = Infinity;
  for (let tries = 0; tries < 3 && took >= 1000; tries++) {
    const running = begin();
    await until('its last word', running.stdout, (out) => out.includes(lastWord));
    const said = performance.now();
    expect(await running.ended, running.stderr()).toBe(code);
    took = performance.now() - said;
    expect(running.stderr()).toMatch(stderr);
  }
  expect(took).toBeLessThan(promised(1000));
}

describe('a run', () => {
  it('is at the hub as it was: garbage, 10 MB on one line, a progress bar, each stream and the exit code', async () => {
    const machine = await enrol('bytes-1');
    const garbage = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * index + (index >> 7)) % 256));
    const long = Buffer.alloc(10 * 1024 * 1024, 'long € line ');
    const path = (name: string, bytes: Buffer): string => {
      const file = join(machine.directory, name);
      writeFileSync(file, bytes);
      return file;
    };
    const out = Buffer.concat([garbage, Buffer.from('\n'), long, Buffer.from('\n')]);
    const script =
      'cat "$1"; printf "10%%\\r20%%\\033]9;4;1;20\\007"; sleep 0.6; printf "\\r100%%\\n"; cat "$1" >&2; printf end; exit 3';
    const running = run(machine, 'bytes', [
      'sh',
      '-c',
      script.replace('cat "$1" >&2', 'cat "$2" >&2'),
      'sh',
      path('out', out),
      path('err', garbage),
    ]);
    expect(await running.ended).toBe(3);
    const begun = '10%\r20%\u001b]9;4;1;20\u0007';
    const bar = `${begun}\r100%`;
    expect(Buffer.from(running.stdout(), 'latin1').equals(Buffer.concat([out, Buffer.from(`${bar}\nend`)]))).toBe(true);
    expect(Buffer.from(running.stderr(), 'latin1').equals(garbage)).toBe(true);

    // What was left after the end is sent by the next.
    run(machine, 'after', ['sleep', '60']);
    const row = await runNamed(admin, 'bytes', hasEnded, 60_000);
    expect(row).toMatchObject({ state: 'failed', exitCode: 3, signal: null, agent: 'bytes-1', progress: 0.2 });
    const events = await eventsOf(row);
    const lines = linesOf(events);
    const expected = [...decoded(out), bar, 'end'];
    expect(lines.length).toBe(expected.length);
    expect(lines.findIndex((line, index) => line !== expected[index])).toBe(-1);
    expect(linesOf(events, 'err')).toEqual(decoded(garbage));
    // Seen while it had not ended, as the bar it was.
    expect(events.some(({ data }) => data.type === 'line' && data.text === begun && data.more === true)).toBe(true);
  });

  it('says how it began and ended', async () => {
    const machine = await enrol('ends-1');
    await run(machine, 'well', ['true']).ended;
    expect(await run(machine, 'nowhere', ['./no-such-file']).ended).toBe(127);
    expect(await run(machine, 'killed', ['sh', '-c', 'kill -KILL $$']).ended).toBe(137);
    run(machine, 'after', ['sleep', '60']);
    const rows = await Promise.all(['well', 'nowhere', 'killed'].map((name) => runNamed(admin, name, hasEnded)));
    expect(rows).toMatchObject([
      { state: 'succeeded', exitCode: 0, command: 'true', by: expect.any(String) as string },
      { state: 'failed', exitCode: 127, error: expect.stringContaining('there is no such file') as string },
      { state: 'failed', exitCode: null, signal: 'SIGKILL', command: "sh -c 'kill -KILL $$'" },
    ]);
  });
});

describe('Cancel', () => {
  it.each([
    ['behind pipes', 'cancel-1', []],
    ['at a terminal of its own', 'cancel-2', ['--tty']],
  ])(
    'ends a command %s with all it has started, by SIGTERM and after the grace by SIGKILL, and is recorded',
    async (_where, name, flags) => {
      const machine = await enrol(name);
      const script = `${progressAsDocumented}; printf "\\n"; trap "echo not yet" TERM; sh -c "trap : TERM; echo \\$\\$; while :; do sleep 0.1; done" & while :; do sleep 0.1; done`;
      const running = run(machine, name, ['sh', '-c', script], ['--grace', '1s', ...flags]);
      const { run: id } = await runNamed(admin, name, ({ lines, progress }) => lines > 1 && progress === 0.42);
      await admin.ask('/api/runs/cancel', { run: id });
      await runNamed(admin, name, ({ state }) => state === 'cancelling');
      expect(await within('its end', running.ended)).toBe(137);
      const row = await runNamed(admin, name, hasEnded);
      expect(row).toMatchObject({ state: 'cancelled', cancelledBy: 'ops', signal: 'SIGKILL' });
      // A terminal ends lines with a carriage return too.
      const [, child, ...said] = linesOf(await eventsOf(row)).map((line) => String(line).trimEnd());
      expect(said).toContain('not yet');
      // Gone, or dead and not yet buried by whoever inherited it.
      expect(existsSync(`/proc/${child}/fd/0`)).toBe(false);
    },
  );
});

describe('Cancel without a line to the wrapper', () => {
  it('waits at the hub and reaches the command when the line is back', async () => {
    await using proxy = await startChaosProxy(hub.port);
    const machine = await enrol('cancel-3', `http://127.0.0.1:${proxy.port}`);
    const script = 'trap "echo told; exit 9" TERM; echo ready; while :; do sleep 0.1; done';
    const running = run(machine, 'cancel-3', ['sh', '-c', script]);
    const { run: id } = await runNamed(admin, 'cancel-3', ({ lines }) => lines === 1);
    const restore = proxy.stall();
    proxy.drop();
    await runNamed(admin, 'cancel-3', ({ awaySince }) => awaySince !== null);
    await admin.ask('/api/runs/cancel', { run: id });
    const asked = await runNamed(admin, 'cancel-3', ({ state }) => state === 'cancelling');
    expect(asked).toMatchObject({ cancelledBy: 'ops', awaySince: expect.any(Number) as number });
    expect(running.stdout()).toBe('ready\n');
    restore();
    expect(await within('its end', running.ended, 30_000)).toBe(9);
    expect(running.stdout()).toBe('ready\ntold\n');
    const row = await runNamed(admin, 'cancel-3', hasEnded);
    expect(row).toMatchObject({ state: 'cancelled', cancelledBy: 'ops', exitCode: 9, signal: null });
  });
});

describe('a program', () => {
  it('that is an AI agent has its steps, its text and its end at the hub, though that is killed, and is stopped by Cancel', async () => {
    const machine = await enrol('triage-1');
    const running = startProgram([join(root, 'tests/triage.child.mjs')], machine.env);
    onTestFinished(() => running[Symbol.asyncDispose]());
    const { run: id } = await runNamed(admin, 'triage', ({ steps }) => steps.running > 0);
    const texts = async (): Promise<string> =>
      (await admin.history<RunEvent>(`runs/${id}`)).map(({ data }) => (data.type === 'text' ? data.text : '')).join('');
    const moreThan = (length: number): Promise<string> => until('tokens', texts, (text) => text.length > length);
    const before = await moreThan(5000);
    await hub.kill9();
    await hub.restart();
    await moreThan(2 * before.length);
    await admin.ask('/api/runs/cancel', { run: id });

    expect(await within('its end', running.ended, 20_000, running.stderr)).toBe(0);
    const { said, stopped, report } = JSON.parse(running.stdout()) as Record<string, unknown>;
    expect(stopped).toEqual({ code: 'ERR_RUN_CANCELLED', by: 'ops', message: 'cancelled by ops' });
    expect(running.stderr()).toBe('');
    const row = await runNamed(admin, 'triage', hasEnded);
    expect(row).toMatchObject({
      state: 'cancelled',
      cancelledBy: 'ops',
      by: 'alice',
      progress: 0.5,
      note: '3 suspects',
      error: 'cancelled by ops',
      lines: 2,
      steps: { ended: 3, failed: 0, running: 0 },
    });
    expect(await texts()).toBe(said);
    const { state } = await admin.run(id);
    const [look, deeper, ask] = state.steps;
    expect([look, deeper, ask]).toMatchObject([
      { name: 'look', outcome: 'succeeded' },
      { name: 'deeper', outcome: 'succeeded', parent: look?.id },
      { name: 'ask', outcome: 'cancelled', error: 'cancelled by ops' },
    ]);
    expect(ask?.attributes).toEqual([
      ['model', 'small'],
      ['suspects', 3],
    ]);
    expect(state.attributes).toEqual([['host', 'web-1']]);

    const { run: reported } = await runNamed(admin, 'report', ({ state: its }) => its === 'succeeded');
    expect((await admin.run(reported)).state.ended?.result).toEqual(report);
  });
});

describe('a wrapper that is killed', () => {
  it('leaves a run that is lost, with all that was said and not sent, as soon as anything runs on the machine', async () => {
    const machine = await enrol('killed-1');
    const go = join(machine.directory, 'go');
    const script = `seq -f "line %.0f" 1 1000; while ! test -e "${go}"; do sleep 0.1; done; seq -f "line %.0f" 1001 20000; echo $$; sleep 60`;
    const running = run(machine, 'orphaned', ['sh', '-c', script]);
    const { run: id } = await runNamed(admin, 'orphaned', ({ lines }) => lines === 1000);
    hub.stop();
    try {
      writeFileSync(go, '');
      const said = await until('its last word', running.stdout, (out) => /^\d+\n$/m.test(out));
      const pid = Number(said.trimEnd().split('\n').at(-1));
      onTestFinished(() => void process.kill(pid, 'SIGKILL'));
      await until(
        'it to be on disk',
        () => spoolOf(machine, id),
        (spool) => spool.includes(`"text":"${pid}"`),
      );
      running.kill('SIGKILL');
      await running.ended;
    } finally {
      hub.cont();
    }
    await until(
      'the hub to notice',
      () => admin.run(id),
      ({ row }) => row.awaySince !== null,
    );
    // What was on its way has come; what had no room there is missing yet.
    expect((await admin.run(id)).row.lines).toBeLessThan(20_001);
    run(machine, 'next', ['sleep', '60']);
    const lines = linesOf(await eventsOf(await runNamed(admin, 'orphaned', ({ state }) => state === 'lost')));
    expect(lines.slice(0, -1)).toEqual(numbered(20_000));
    expect(lines).toHaveLength(20_001);
  });
});

describe('a hub', () => {
  it('that is away the whole time costs a job nothing, and gets it all from the next run', async () => {
    const machine = await enrol('away-1');
    await hub.kill9();
    await expectToLeave(() => run(machine, 'unheard', ['sh', '-c', 'seq -f "line %.0f" 1 3000; echo done']), 'done');
    await hub.restart();
    run(machine, 'heard', ['sleep', '60']);
    const row = await runNamed(admin, 'unheard', hasEnded);
    expect(row).toMatchObject({ state: 'succeeded', lines: 3001 });
    expect(linesOf(await eventsOf(row))).toEqual([...numbered(3000), 'done']);
  });

  it('that is frozen holds nobody back for longer than a second', async () => {
    const machine = await enrol('frozen-1');
    hub.stop();
    try {
      await expectToLeave(() => run(machine, 'frozen', ['sh', '-c', 'sleep 0.5; echo done']), 'done');
    } finally {
      hub.cont();
    }
    run(machine, 'thawed', ['sleep', '60']);
    expect(linesOf(await eventsOf(await runNamed(admin, 'frozen', hasEnded)))).toEqual(['done']);
  });

  it('that says no is told in one line, and the job goes on and is held back no longer than a second', async () => {
    const machine = await enrol('revoked-1');
    await admin.ask('/api/agents/revoke', { agent: 'revoked-1' });
    const stderr = /^telltale run: The hub takes no report of agent revoked-1: .*revoked.*\n$/;
    const begin = (): Running => run(machine, 'refused', ['sh', '-c', 'sleep 1; echo done; exit 4']);
    await expectToLeave(begin, 'done', { code: 4, stderr });
  });
});
