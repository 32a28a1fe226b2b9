// Machines that report by plain frames, as a program in any language does: enrolled by HTTP, one socket each, nothing of
// ours inside.

import type { ControlRow, EnrolAnswer } from '@telltale/hub/api';
import { openPlainSocket, type PlainSocket } from './plain-socket.ts';

export interface PlainAgent extends Disposable {
  readonly agent: string;
  readonly credential: string;
  readonly socket: PlainSocket;
  /** What it says of itself. */
  tell(status?: Readonly<Record<string, unknown>>): void;
  /** Sends a sample of now with this share of CPU. */
  sample(cpu: number, more?: Readonly<Record<string, unknown>>): void;
  /** Publishes one message for each, in one frame. */
  publish(channel: string, ...data: readonly unknown[]): void;
  /** How often the hub wants samples, in milliseconds, as far as it has said. */
  intervalMs(): number | undefined;
  /** Breaks the line without a word. */
  cut(): void;
}

export interface PlainAgentOptions {
  /** `http://localhost:8000`. */
  readonly url: string;
  readonly agent: string;
  /** What an administrator was given; or, where it is enrolled already, its credential. */
  readonly enrolment?: string;
  readonly credential?: string;
  readonly machine?: string;
}

/** Enrols a machine, or comes with a credential it has, and opens its line. */
export async function startPlainAgent(options: PlainAgentOptions): Promise<PlainAgent> {
  const { url, agent, enrolment, machine = `machine-of-${agent}-0123` } = options;
  const credential = options.credential ?? (await enrol(url, { token: enrolment ?? '', machine }));
  const socket = openPlainSocket(`${url.replace('http', 'ws')}/ws/agents/${agent}/?machine=${machine}`, {
    authorization: `Bearer ${credential}`,
  });
  let id = 0;
  const publish: PlainAgent['publish'] = (channel, ...data) =>
    socket.send({ type: 'publish', id: id++, channel, batch: data.map((one) => ({ data: one })) });
  const tell: PlainAgent['tell'] = (status = {}) =>
    socket.send({
      type: 'call',
      id: id++,
      method: 'agent.status',
      params: {
        version: '0.1.0',
        title: agent,
        platform: 'linux 6.8 x64',
        cores: 4,
        clockOffsetMs: 0,
        behindMs: 0,
        spooledBytes: 0,
        files: [],
        ...status,
      },
    });
  const intervalMs = (): number | undefined => {
    const told = socket.frames.flatMap((frame) =>
      frame.type === 'messages' && frame.channel === `control/${agent}` ? frame.messages : [],
    );
    const newest = told.findLast(({ key }) => key === 'interval')?.data as ControlRow | undefined;
    return newest?.type === 'interval' ? newest.intervalMs : undefined;
  };
  return {
    agent,
    credential,
    socket,
    tell,
    publish,
    intervalMs,
    sample(cpu, more = {}) {
      publish(`metrics/${agent}`, {
        at: Date.now(),
        intervalMs: 10_000,
        cpu: { total: cpu, cores: [cpu, cpu], load: [1, 1, 1] },
        memory: { used: 6, total: 10 },
        disks: [{ mount: '/', used: 4, total: 10 }],
        uptime: 1,
        ...more,
      });
    },
    cut: () => socket[Symbol.dispose](),
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

async function enrol(url: string, body: object): Promise<string> {
  const response = await fetch(`${url}/api/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`enrolling answered ${response.status}: ${text}`);
  return (JSON.parse(text) as EnrolAnswer).credential;
}
