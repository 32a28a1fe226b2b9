// A store in memory whose disk outlives the broker that used it, for tests: a commit can be held, fail, or leave it
// unknown whether it was written, as a disk or a thread that dies does.

import { randomBytes } from 'node:crypto';
import { base32 } from '@telltale/protocol';
import {
  type MessageStore,
  nothingWritten,
  type PageRequest,
  type ReplacedMessage,
  type StoreAppend,
  type StoredMessages,
  type StoredPage,
  type StoreOutcome,
} from '../broker/message-store.ts';
import { OnceMemory } from '../broker/once-memory.ts';

/** What becomes of a commit. `unknown-…`: its caller is not told which of the two. */
export type CommitFate = 'written' | 'nothing-written' | 'unknown-written' | 'unknown-lost';

interface StoredLog {
  readonly epoch: string;
  head: number;
  horizon: number;
  runs: StoredMessages[];
}

export class MemoryStore implements MessageStore {
  /** Asked for each commit; a promise holds it. */
  fate: (appends: readonly StoreAppend[]) => CommitFate | Promise<CommitFate> = () => 'written';
  /** Called for each page; a promise holds it, a rejection fails it. */
  onPage: (channel: string) => void | Promise<void> = () => {};
  /** What an append makes earlier messages of its log say, by offset. */
  replaces: (append: StoreAppend) => Readonly<Record<number, string>> = () => ({});
  /** How many appends each commit had. */
  readonly commits: number[] = [];
  pages = 0;
  readonly #logs = new Map<string, StoredLog>();
  readonly #once = new OnceMemory();
  #isCommitting = false;

  async commit(appends: readonly StoreAppend[]): Promise<readonly StoreOutcome[]> {
    if (this.#isCommitting) throw new Error('found a commit while another is under way, expected one at a time');
    this.#isCommitting = true;
    this.commits.push(appends.length);
    try {
      const fate = await this.fate(appends);
      const failure = new Error(`the store answers ${fate}`);
      if (fate === 'nothing-written') throw Object.assign(failure, { code: nothingWritten });
      if (fate === 'unknown-lost') throw failure;
      const outcomes = appends.map((append) => this.#append(append));
      if (fate === 'unknown-written') throw failure;
      return outcomes;
    } finally {
      this.#isCommitting = false;
    }
  }

  async page(
    channel: string,
    { before = Infinity, count, bytes, since }: PageRequest,
  ): Promise<StoredPage | undefined> {
    this.pages++;
    await this.onPage(channel);
    const log = this.#logs.get(channel);
    if (log === undefined) return undefined;
    const messages: StoredMessages[] = [];
    let counted = 0;
    let size = 0;
    for (const { first, time, bodies } of log.runs.toReversed()) {
      const cut = bodies.slice(0, Math.max(0, before - first));
      if (cut.length === 0) continue;
      size += cut.join('').length;
      if (time < (since ?? 0) || (messages.length > 0 && (counted >= count || size > bytes))) break;
      counted += cut.length;
      messages.unshift({ first, time, bodies: cut });
    }
    const { epoch, head, horizon } = log;
    return { epoch, head, horizon, messages };
  }

  /** Lets messages go, as a store that keeps to its bounds does. */
  async forget(channel: string, upTo: number): Promise<void> {
    const log = this.#logs.get(channel);
    if (log === undefined) return;
    log.runs = log.runs.filter(({ first, bodies }) => first + bodies.length - 1 > upTo);
    log.horizon = (log.runs[0]?.first ?? log.head + 1) - 1;
  }

  /** Lets a whole log go; its next append begins a new one. */
  drop(channel: string): void {
    this.#logs.delete(channel);
  }

  /** Every message of a channel as it is sent, oldest first. */
  contents(channel: string): string[] {
    const runs = this.#logs.get(channel)?.runs ?? [];
    return runs.flatMap(({ first, time, bodies }) =>
      bodies.map((body, index) => `{"offset":${first + index},"time":${time},${body}`),
    );
  }

  #append(append: StoreAppend): StoreOutcome {
    const { channel, time, bodies, once, recalls } = append;
    if (recalls === true && once !== undefined) {
      const position = this.#once.recall(channel, once, time);
      return position === undefined ? { kind: 'not-appended' } : { kind: 'duplicate', position };
    }
    const decision = once === undefined ? undefined : this.#once.decide(channel, once, time);
    if (decision !== undefined && decision.kind !== 'next') return decision;
    if (bodies.length === 0) {
      if (once !== undefined) this.#once.use(channel, once, undefined, time);
      return { kind: 'refused' };
    }
    const log = this.#logs.get(channel) ?? { epoch: base32(randomBytes(10)), head: 0, horizon: 0, runs: [] };
    this.#logs.set(channel, log);
    const first = log.head + 1;
    log.runs.push({ first, time, bodies });
    log.head += bodies.length;
    if (once !== undefined) this.#once.use(channel, once, { epoch: log.epoch, offset: log.head }, time);
    const replaced = Object.entries(this.replaces(append)).flatMap(([offset, body]) =>
      replaceIn(log, Number(offset), body),
    );
    return { kind: 'appended', epoch: log.epoch, first, ...(replaced.length === 0 ? {} : { replaced }) };
  }
}

function replaceIn(log: StoredLog, offset: number, body: string): readonly ReplacedMessage[] {
  const index = log.runs.findLastIndex(({ first }) => first <= offset);
  const run = log.runs[index];
  if (run === undefined) return [];
  log.runs[index] = { ...run, bodies: run.bodies.with(offset - run.first, body) };
  return [{ offset, time: run.time, body }];
}
