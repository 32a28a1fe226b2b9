// What a run has said, at a hub that is killed with -9 while it says it, and at one whose disk takes nothing more: reported
// by plain JSON frames as a program in any language would, compared line by line.

import { spawnSync } from 'node:child_process';
import type { RunEvent } from '@telltale/agent/run-events';
import type { EnrolAnswer } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { randomFrom, testSeed } from '../packages/gateway/src/testing/random.ts';
import { type Admin, adminOf, linesOf } from './support/agents.ts';
import { type HubProcess, startHubProcess } from './support/hub-process.ts';
import { openPlainSocket, type PlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

const run = 'abcdefghijklmnopqrstuvwxyz';
const machine = 'machine-of-the-reporter';
const producer = 'the-producer-of-this-run-1';

/** Says things on a run, each once and in order, however often the line breaks: one publish at a time. */
class Reporter {
  readonly #hub: HubProcess;
  readonly #credential: string;
  #socket: PlainSocket | undefined;
  #id = 0;
  #seq = 0;
  /** Answers that said: not now, try again. */
  refusals = 0;

  constructor(hub: HubProcess, credential: string) {
    this.#hub = hub;
    this.#credential = credential;
  }

  async say(events: readonly RunEvent[]): Promise<void> {
    const seq = ++this.#seq;
    const batch = events.map((data) => ({ data }));
    await until(
      `the answer to ${seq}`,
      () => this.#ask({ type: 'publish', channel: `runs/${run}`, batch, once: { producer, seq } }),
      (answer) => answer === 'result',
      30_000,
    );
  }

  /** `result`, or what came in its place. */
  async #ask(frame: object): Promise<string> {
    if (this.#socket === undefined || this.#socket.ended !== undefined) {
      this.#socket?.[Symbol.dispose]();
      this.#socket = openPlainSocket(this.#hub.socketUrl(`/ws/?machine=${machine}`), {
        authorization: `Bearer ${this.#credential}`,
      });
      await this.#socket.frame('welcome', undefined, 2000);
      const opened = await this.#answer({ type: 'call', method: 'run.open', params: { run, name: 'nightly' } });
      if (opened !== 'result') return opened;
    }
    return await this.#answer(frame);
  }

  async #answer(frame: object): Promise<string> {
    const id = ++this.#id;
    const socket = this.#socket;
    if (socket === undefined) return 'no socket';
    socket.send({ ...frame, id });
    const find = (): string | undefined => {
      const answer = socket.frames.findLast((found) => 'id' in found && found.id === id);
      if (answer?.type === 'error') {
        if (!answer.retryable) throw new Error(`found a final error: ${answer.message}`);
        this.refusals++;
      }
      return answer?.type ?? (socket.ended && `ended ${socket.ended.code}`);
    };
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  [Symbol.dispose](): void {
    this.#socket?.[Symbol.dispose]();
  }
}

async function reporterOf(hub: HubProcess, admin: Admin): Promise<Reporter> {
  const { token } = await admin.enrol('web-1');
  const { credential } = await admin.ask<EnrolAnswer>('/api/enrol', { token, machine });
  return new Reporter(hub, credential);
}

/** Numbered lines, and now and then what changes the row. */
function eventsOf(batch: number): readonly RunEvent[] {
  const lines = Array.from({ length: 100 }, (_, index): RunEvent => {
    return { type: 'line', at: Date.now(), text: `line ${batch * 100 + index} ${'x'.repeat(40)}` };
  });
  return batch % 10 === 0
    ? [{ type: 'step', at: Date.now(), id: `s${batch}`, name: `from ${batch}` }, ...lines]
    : lines;
}

/** Everything the hub has of the run is exactly what was said in so many batches. */
async function expectAll(admin: Admin, batches: number): Promise<void> {
  const history = await admin.history<RunEvent>(`runs/${run}`);
  const said = Array.from({ length: batches }, (_, batch) => eventsOf(batch)).flat();
  expect(linesOf(history)).toEqual(said.flatMap((event) => (event.type === 'line' ? [event.text] : [])));
  const { row, state, position } = await admin.run(run);
  expect(row).toMatchObject({ state: 'running', lines: batches * 100, steps: { running: Math.ceil(batches / 10) } });
  expect(state.steps).toHaveLength(Math.ceil(batches / 10));
  expect(position?.offset).toBe(said.length);
}

describe('what a run has said', () => {
  it(`[ONC1] [STO2] is there once and in order, and folded, after two kills of the hub at full speed (seed ${testSeed})`, async () => {
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    using reporter = await reporterOf(hub, admin);
    const random = randomFrom(testSeed);
    const batches = 80;
    const kills = new Set([10 + Math.floor(random() * 20), 40 + Math.floor(random() * 35)]);
    for (let batch = 0; batch < batches; batch++) {
      const saying = reporter.say(eventsOf(batch));
      if (kills.has(batch)) {
        await new Promise((resolve) => setTimeout(resolve, random() * 10));
        await hub.kill9();
        await hub.restart();
      }
      await saying;
    }
    await expectAll(admin, batches);
  });

  it.skipIf(spawnSync('prlimit', ['--version']).status !== 0)(
    '[STO1] waits with who says it while the disk takes nothing: the hub goes on, says so once, and takes it when it can',
    async () => {
      // Files of this process may grow to 2 MiB for now; a write beyond fails as on a full disk.
      const through = ['bash', '-c', `trap '' XFSZ; ulimit -S -f 2048; exec "$@"`, 'bash'];
      await using hub = await startHubProcess({ through });
      const admin = await adminOf(hub);
      using reporter = await reporterOf(hub, admin);
      let batch = 0;
      const isRefused = (): boolean => reporter.refusals > 3;
      const saying = (async () => {
        while (!isRefused()) await reporter.say(eventsOf(batch++));
      })();
      await until('refusals', () => reporter.refusals, isRefused, 30_000);
      expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
      const told = await until(
        'the run',
        () => admin.run(run),
        ({ row }) => row.lines > 0,
      );
      expect(told.row.lines).toBe((batch - 1) * 100);
      expect(hub.output().match(/takes no messages/g)).toHaveLength(1);

      spawnSync('prlimit', ['--pid', String(hub.pid), '--fsize=unlimited:']);
      await saying;
      await until(
        'the word that it goes on',
        () => hub.output(),
        (output) => /takes messages again/.test(output),
      );
      await expectAll(admin, batch);
    },
  );
});
