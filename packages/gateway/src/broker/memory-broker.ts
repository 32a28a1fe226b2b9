// The broker of one process: the broker's log is the local log, and an announcement is a function call. The gateway
// uses it unless given another; it is the real thing with a shorter wire.

import { randomBytes } from 'node:crypto';
import { base32 } from '@telltale/protocol';
import type { Clock } from '../clock.ts';
import { ChannelLog, type LogBounds, type NewMessage } from '../log/channel-log.ts';
import type { AppendOutcome, Broker, Following, OnceKey, RecallOutcome } from './broker.ts';
import { LocalLogs } from './local-logs.ts';
import { OnceMemory } from './once-memory.ts';

export interface MemoryBrokerOptions {
  readonly clock: Clock;
  /** Bytes all logs may hold together. */
  readonly logBytes: number;
}

export class MemoryBroker implements Broker {
  /** What it holds; a broker that also stores puts its logs here, into the same budget. */
  readonly logs: LocalLogs;
  readonly #clock: Clock;
  readonly #once = new OnceMemory();

  constructor(options: MemoryBrokerOptions) {
    this.#clock = options.clock;
    this.logs = new LocalLogs(options);
  }

  append(channel: string, messages: readonly NewMessage[], bounds: LogBounds, once?: OnceKey): AppendOutcome {
    const monotonic = this.#clock.monotonic();
    if (once !== undefined) {
      const decision = this.#once.decide(channel, once, monotonic);
      if (decision.kind === 'duplicate') return { kind: 'appended', position: decision.position, duplicate: true };
      if (decision.kind !== 'next') return decision;
    }
    if (messages.length === 0) {
      if (once !== undefined) this.#once.use(channel, once, undefined, monotonic);
      return { kind: 'refused' };
    }
    this.logs.grow(bytesOf(messages));
    if (this.logs.isFull) return { kind: 'unavailable', reason: 'the logs hold as much as they may' };
    const time = this.#clock.now();
    const log = this.logs.get(channel) ?? new ChannelLog(channel, base32(randomBytes(10)), bounds);
    this.logs.append(log, messages, time);
    const { position } = log;
    if (once !== undefined) this.#once.use(channel, once, position, monotonic);
    return { kind: 'appended', position, duplicate: false, time };
  }

  recall(channel: string, _bounds: LogBounds, once: OnceKey): RecallOutcome {
    const position = this.#once.recall(channel, once, this.#clock.monotonic());
    return position === undefined ? { kind: 'not-appended' } : { kind: 'appended', position, duplicate: true };
  }

  follow(channel: string, _bounds: LogBounds, onChange: () => void): Following {
    return this.logs.follow(channel, onChange);
  }

  sweep(): void {
    this.logs.sweep();
  }

  figures(): ReturnType<Broker['figures']> {
    return this.logs.figures();
  }

  async stop(): Promise<void> {
    this.logs.clear();
  }
}

/** Bytes that messages add to a log, roughly: their characters. */
export function bytesOf(messages: readonly Pick<NewMessage, 'body'>[]): number {
  let bytes = 0;
  for (const { body } of messages) bytes += body.length;
  return bytes;
}
