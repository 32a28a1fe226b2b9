// Plays a history against a spool and a model of the hub: appends, sending with lost answers, kills at any byte, a full
// disk. Then compares, channel by channel: what the hub stored is what was appended, in order, once, and where something
// is missing a gap stands in its place with its exact number.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openSpool, type Spool, type SpoolEntry } from '../spool/spool.ts';
import { failingFiles, type FailingFiles } from './failing-files.ts';
import { HubModel } from './hub-model.ts';

export type Step =
  | { readonly type: 'append'; readonly channel: string; readonly count: number; readonly size: number }
  /** Sends the window; the hub reads `read` of them, fails at those named, and `answers` answers arrive. */
  | { readonly type: 'send'; readonly read: number; readonly answers: number; readonly failing: readonly number[] }
  | { readonly type: 'kill' }
  /** Kills within the next step, after so many bytes and calls. */
  | { readonly type: 'kill-within'; readonly cost: number }
  | { readonly type: 'fill'; readonly room: number }
  | { readonly type: 'free' }
  /** Seven days: the hub remembers no numbers. */
  | { readonly type: 'forget' };

interface Item {
  readonly at: number;
  readonly n: number;
  readonly text: string;
}

export class SpoolHistory {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly hub: HubModel = new HubModel();
  readonly #appended = new Map<string, (readonly Item[])[]>();
  #files: FailingFiles;
  #spool: Spool;
  #n = 0;
  gaps = 0;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#files = failingFiles();
    this.#spool = this.#open();
  }

  play(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#play(step);
      if (this.#files.isDead) this.#restart();
    }
  }

  /** Sends all that is left, over a restart, and compares. */
  finish(): void {
    this.#files.room = undefined;
    this.#files.dieAfter(Infinity);
    this.#spool.append('last', [{ at: 0, n: -1, text: '' }]);
    this.#spool.close();
    this.#spool = this.#open();
    for (let round = 0; this.#spool.window.length > 0; round++) {
      expect(round, 'rounds of sending').toBeLessThan(100_000);
      this.#send(Infinity, Infinity, []);
    }
    expect(this.#spool.bytes, 'left in the spool').toBe(0);
    this.#spool.close();
    for (const [channel, appended] of this.#appended) this.#compare(channel, appended);
  }

  #play(step: Step): void {
    switch (step.type) {
      case 'append':
        return this.#append(step.channel, step.count, step.size);
      case 'send':
        return this.#send(step.read, step.answers, step.failing);
      case 'kill':
        return this.#restart();
      case 'kill-within':
        return this.#files.dieAfter(step.cost);
      case 'fill':
        this.#files.room = step.room;
        return;
      case 'free':
        this.#files.room = undefined;
        return;
      case 'forget':
        // What is stored and has no answer yet when the hub forgets is stored twice; nothing can tell.
        if (!this.#isUnsure()) this.hub.forget();
    }
  }

  #append(channel: string, count: number, size: number): void {
    const items = Array.from({ length: count }, (): Item => ({ at: ++this.#n, n: this.#n, text: 'x'.repeat(size) }));
    this.#spool.append(channel, items, { at: this.#n, resumes: { [channel]: this.#n } });
    if (this.#files.isDead) {
      // All of it or nothing: where it goes on after the restart says which.
      this.#restart();
      if (this.#spool.resumeOf(channel) !== this.#n) return;
    }
    this.#appended.set(channel, [...(this.#appended.get(channel) ?? []), items]);
  }

  /** As the link does: in order, and back to the first one that the hub did not take. */
  #send(read: number, answers: number, failing: readonly number[]): void {
    const entries = this.#spool.window;
    const halted = new Set<string>();
    const answered: SpoolEntry[] = [];
    for (const [index, entry] of entries.entries()) {
      const { channel } = entry;
      if (index >= read) break;
      const isFirst = !halted.has(channel);
      // A record under another producer waits for those before it.
      const before = entries.slice(0, index).findLast((other) => other.channel === channel);
      if (before !== undefined && before.once.producer !== entry.once.producer && !answered.includes(before)) break;
      if (failing.includes(index)) {
        halted.add(channel);
        continue;
      }
      const answer = this.hub.publish(channel, entry.items, entry.once);
      const arrives = index < answers;
      if (answer.kind === 'out-of-order') {
        halted.add(channel);
        if (isFirst && arrives) this.#spool.renumber(channel, answer.expected);
      } else if (arrives && isFirst) answered.push(entry);
    }
    for (const entry of answered) this.#spool.answered(entry);
  }

  #isUnsure(): boolean {
    const isStored = ({ channel, items: [first] }: SpoolEntry): boolean =>
      (this.hub.stored.get(channel) as Item[] | undefined)?.some(({ n }) => n === (first as Item).n) === true;
    return this.#spool.window.some(isStored);
  }

  #restart(): void {
    this.#files.bury();
    this.#files = failingFiles();
    for (const name of readdirSync(this.#directory)) {
      if (name.startsWith('owner-')) rmSync(join(this.#directory, name));
    }
    this.#spool = this.#open();
  }

  #open(): Spool {
    const opened = openSpool({
      directory: this.#directory,
      maxBytes: this.#maxBytes,
      files: this.#files,
      log: { warn: () => undefined },
      // Always a second later: a full disk is asked again each time.
      now: () => (this.#clock += 1000),
    });
    if (opened.kind === 'owned') throw new Error(`the spool belongs to ${opened.pid}`);
    return opened.spool;
  }
  #clock = 0;

  #compare(channel: string, appended: readonly (readonly Item[])[]): void {
    const stored = [...(this.hub.stored.get(channel) ?? [])] as (
      Item | { type: 'gap'; count: number; from: number; to: number }
    )[];
    const missing = (what: string): string => `${channel}: ${what}; stored ${JSON.stringify(stored.slice(0, 3))}`;
    let skip = 0;
    for (const items of appended) {
      for (const item of items) {
        const head = stored[0];
        if (skip === 0 && head !== undefined && 'type' in head) {
          this.gaps++;
          skip = head.count;
          expect(head.from, missing('from of the gap')).toBe(item.at);
          stored.shift();
        }
        if (skip > 0) {
          skip--;
          continue;
        }
        expect(stored.shift(), missing(`item ${item.n}`)).toEqual(item);
      }
    }
    expect(skip, missing('a gap that counts too many')).toBe(0);
    expect(stored, missing('more than was appended')).toEqual([]);
  }
}
