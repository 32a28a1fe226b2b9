// One life of the process that has the gateway: the shipped gateway behind a door in memory, on a clock that stops when
// the process is killed. What a killed one had under way is done or not; nobody hears of it any more.

import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { type Clock, createGateway, type Gateway, type MessageStore, type Verified } from '@telltale/gateway';
import type { ManualClock } from '../../packages/gateway/src/testing/manual-clock.ts';
import { channels, endpointChannels } from './channels.ts';
import { Line, type LineConditions, type LineEnd } from './line.ts';

/** What the hosts of a life have in common. */
export interface ProcessOptions {
  readonly clock: ManualClock;
  readonly random: () => number;
  readonly store: MessageStore;
  readonly verify: (token: string) => Verified;
  /** What the gateway logs as an error, or where it broke. */
  readonly onError: (text: string) => void;
}

/** The limits that make things happen within a minute which take longer elsewhere. */
export const limits = { heartbeatMs: 5000, pingMs: 8000, pongMs: 4000, stalledMs: 12_000 } as const;

/** What a `node:http` server is to the gateway. */
class Door extends EventEmitter {
  address(): null {
    return null;
  }
}

/** Time as the process has it: work takes some, and what is to be done soon may be done a moment later. */
class ProcessClock implements Clock {
  readonly #clock: ManualClock;
  readonly #random: () => number;
  #monotonic = 0;
  isStopped = false;

  constructor(clock: ManualClock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    this.#monotonic = Math.max(this.#clock.monotonic(), this.#monotonic + this.#random() * 0.5);
    return this.#monotonic;
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, () => {
      if (!this.isStopped) callback();
    });
  }

  soon(callback: () => void): () => void {
    return this.after(this.#random() < 0.5 ? 0 : 1, callback);
  }
}

export class GatewayProcess {
  readonly gateway: Gateway<typeof channels>;
  readonly #door = new Door();
  readonly #clock: ProcessClock;
  readonly #lines = new Set<Line>();
  readonly #manualClock: ManualClock;
  #isListening = true;

  constructor({ clock, random, store, verify, onError }: ProcessOptions) {
    this.#manualClock = clock;
    this.#clock = new ProcessClock(clock, random);
    const note = (): void => {};
    const error = (fields: object, text: string): void =>
      onError(`${text} ${String((fields as { err?: unknown }).err)}`);
    // What is left of a life that was ended asks in vain.
    const never = (): Promise<never> => new Promise(() => {});
    this.gateway = createGateway({
      channels,
      endpoints: [
        { path: '', title: 'Bare' },
        { path: 'dashboard', title: 'Dashboard', channels: () => endpointChannels },
      ],
      credentials: { verify },
      limits,
      clock: this.#clock,
      store: {
        commit: (appends) => (this.#clock.isStopped ? never() : store.commit(appends)),
        page: (channel, request) => (this.#clock.isStopped ? never() : store.page(channel, request)),
      },
      log: { debug: note, info: note, warn: note, error },
    });
    this.gateway.attach(this.#door as unknown as Server);
  }

  get now(): number {
    return this.#clock.now();
  }

  /** Takes an upgrade; undefined: nobody listens. */
  accept(target: string, rawHeaders: readonly string[], conditions: LineConditions, peer: LineEnd): Line | undefined {
    if (!this.#isListening) return undefined;
    const line = new Line(this.#manualClock, conditions, peer);
    this.#lines.add(line);
    line.gatewayEnd.once('close', () => this.#lines.delete(line));
    const headers: Record<string, string> = {};
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      headers[(rawHeaders[index] as string).toLowerCase()] = rawHeaders[index + 1] as string;
    }
    const socket = line.gatewayEnd;
    const request = { method: 'GET', httpVersion: '1.1', url: target, headers, rawHeaders, socket };
    // The handshake takes its way too.
    this.#manualClock.after(conditions.latencyMs, () => {
      if (!this.#clock.isStopped && !socket.destroyed)
        this.#door.emit('upgrade', request as unknown as IncomingMessage, socket, Buffer.alloc(0));
    });
    return line;
  }

  /** `kill -9`: every line breaks at once. */
  kill(): void {
    this.#isListening = false;
    this.#clock.isStopped = true;
    for (const line of this.#lines) line.cut();
  }

  /** SIGTERM: everybody is told when to come back. */
  async stop(returnWindowMs: number): Promise<void> {
    await this.gateway.stop({ returnWindowMs });
    this.kill();
  }
}
