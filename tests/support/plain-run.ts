// A run that reports by plain frames over a socket of its own, numbered with `once`: what the hub has not answered when it
// goes away is said again when it is back, and counts once.

import { randomBytes } from 'node:crypto';
import type { RunEvent } from '@telltale/agent/run-events';
import type { ControlRow } from '@telltale/hub/api';
import type { PlainAgent } from './plain-agents.ts';
import { openPlainSocket, type PlainSocket } from './plain-socket.ts';
import { until } from './until.ts';

export interface PlainRun extends Disposable {
  readonly run: string;
  /** Resolves when the hub has stored them, however often it went away meanwhile. */
  say(...events: readonly RunEvent[]): Promise<void>;
  /** What the hub asks for, once somebody has pressed Cancel. */
  cancelAsked(): Promise<Cancel>;
}

type Cancel = Extract<ControlRow, { type: 'cancel' }>;

/** Of one frame, which may be 64 KiB. */
const mostEvents = 600;
const mostCharacters = 56_000;

/** Opens a run of an agent that is enrolled. */
export async function startPlainRun(
  url: string,
  { agent, credential }: Pick<PlainAgent, 'agent' | 'credential'>,
  { run, name, machine }: { readonly run: string; readonly name: string; readonly machine: string },
): Promise<PlainRun> {
  const producer = randomBytes(16).toString('base64url');
  let seq = 0;
  let id = 0;
  let socket: PlainSocket | undefined;

  const answered = async (line: PlainSocket, frame: object): Promise<void> => {
    const own = ++id;
    line.send({ ...frame, id: own });
    const answer = await until(
      'an answer of the hub',
      () => line.ended ?? line.frames.find((one) => 'id' in one && one.id === own && one.type !== 'subscribed'),
      (found) => found !== undefined,
    );
    if (answer === undefined || !('type' in answer)) throw new Error('the line broke');
    if (answer.type === 'error') throw new Error(`the hub says ${answer.code} ${answer.message}`);
  };
  const open = async (): Promise<PlainSocket> => {
    if (socket !== undefined && socket.ended === undefined) return socket;
    socket = openPlainSocket(`${url.replace('http', 'ws')}/ws/?machine=${machine}`, {
      authorization: `Bearer ${credential}`,
    });
    await socket.frame('welcome');
    await answered(socket, { type: 'call', method: 'run.open', params: { run, name } });
    socket.send({ type: 'subscribe', id: ++id, channel: `control/${agent}` });
    return socket;
  };
  const sayBatch = async (batch: readonly RunEvent[]): Promise<void> => {
    const own = ++seq;
    const data = batch.map((event) => ({ data: event }));
    await until(
      'the hub to store what a run says',
      async () => {
        const line = await open();
        await answered(line, { type: 'publish', channel: `runs/${run}`, batch: data, once: { producer, seq: own } });
        return 'stored';
      },
      (state) => state === 'stored',
    );
  };
  await open();
  return {
    run,
    async say(...events) {
      let batch: RunEvent[] = [];
      let characters = 0;
      for (const event of events) {
        const length = JSON.stringify(event).length;
        if (batch.length === mostEvents || characters + length > mostCharacters) {
          await sayBatch(batch);
          [batch, characters] = [[], 0];
        }
        batch.push(event);
        characters += length;
      }
      if (batch.length > 0) await sayBatch(batch);
    },
    async cancelAsked() {
      const asked = (): Cancel | undefined => {
        for (const frame of socket?.frames ?? []) {
          if (frame.type !== 'messages' || frame.channel !== `control/${agent}`) continue;
          const rows = frame.messages.map(({ data }) => data as ControlRow | null);
          const found = rows.find((row): row is Cancel => row?.type === 'cancel' && row.run === run);
          if (found !== undefined) return found;
        }
        return undefined;
      };
      return (await until('somebody to press Cancel', asked, (row) => row !== undefined)) as Cancel;
    },
    [Symbol.dispose]: () => socket?.[Symbol.dispose](),
  };
}
