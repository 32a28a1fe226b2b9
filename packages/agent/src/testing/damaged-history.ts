// A spool over one restart, before which its files are overwritten here and there: what was appended, what the hub has of
// it, and whether a gap stands wherever something is missing.

import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openSpool, type Spool } from '../spool/spool.ts';
import { HubModel } from './hub-model.ts';

/** Sends what stands in the window, or so much of it, and hears what became of it. */
export function send(spool: Spool, hub: HubModel, most = Infinity): void {
  for (let sent = 0; sent < most; sent++) {
    const entry = spool.window[0];
    if (entry === undefined) return;
    const answer = hub.publish(entry.channel, entry.items, entry.once);
    if (answer.kind === 'out-of-order') spool.renumber(entry.channel, answer.expected);
    else spool.answered(entry);
  }
}

/** Oldest first. */
export const segmentsOf = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(directory, name));
/** Overwrites bytes of a file, as a disk does that has lost them. */
export function overwrite(path: string, offset: number, bytes: Buffer): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}

export interface WriteStep {
  readonly channel: string;
  readonly count: number;
  readonly size: number;
  readonly sends: number;
}
export interface Damage {
  readonly file: number;
  readonly place: number;
  readonly length: number;
  readonly byte: number;
}

/** One spool over one restart, before which its files are overwritten here and there. */
export class DamagedHistory {
  readonly #directory: string;
  readonly #hub = new HubModel();
  readonly #appended = new Map<string, number[]>();
  readonly #unsure = new Set<number>();
  #spool: Spool;
  #named = '';

  constructor(directory: string) {
    this.#directory = directory;
    this.#spool = this.#open();
  }

  write(steps: readonly WriteStep[]): void {
    let at = 0;
    for (const { channel, count, size, sends } of steps) {
      const items = Array.from({ length: count }, (_, n) => ({ at: at + 1 + n, text: 'x'.repeat(size) }));
      this.#spool.append(channel, items, { at: at + 1 });
      for (let n = 0; n < count; n++) this.#appended.set(channel, [...(this.#appended.get(channel) ?? []), ++at]);
      send(this.#spool, this.#hub, sends);
    }
  }

  sendWithoutAnswer(most: number): void {
    for (const { channel, items: sent, once } of this.#spool.window.slice(0, most)) {
      this.#hub.publish(channel, sent, once);
      for (const { at } of sent as { at: number }[]) this.#unsure.add(at);
    }
  }

  damage(damages: readonly Damage[]): void {
    this.#spool.close();
    const paths = segmentsOf(this.#directory);
    for (const { file, place, length, byte } of damages) {
      const path = paths[file % paths.length] as string;
      const { length: size } = readFileSync(path);
      // A last line without its end is one that was never written to its end.
      const most = path === paths.at(-1) ? size - 1 : size;
      const offset = Math.floor(place * most);
      overwrite(path, offset, Buffer.alloc(Math.min(length, most - offset), byte));
    }
    this.#named = paths.map((path) => readFileSync(path, 'utf8')).join('');
    this.#spool = this.#open();
  }

  /** Sends the rest and compares; answers how many gaps there are. */
  finish(): number {
    send(this.#spool, this.#hub, 10_000);
    expect(this.#spool.window, 'left in the spool').toEqual([]);
    this.#spool.close();
    let gaps = 0;
    for (const [channel, appended] of this.#appended) {
      // Of what is named nowhere any more nobody can tell.
      if (this.#named.includes(`"c":"${channel}","t":`)) gaps += this.#compare(channel, appended);
    }
    return gaps;
  }

  #compare(channel: string, appended: readonly number[]): number {
    const stored = (this.#hub.stored.get(channel) ?? []) as { at: number; type?: string }[];
    const told = (): string => `${channel}: ${stored.map(({ at, type }) => type ?? at).join(' ')}`;
    let [next, gaps, mayLack] = [0, 0, false];
    for (const { at, type } of stored) {
      if (type === 'gap') {
        gaps++;
        mayLack = true;
        continue;
      }
      const place = appended.indexOf(at);
      // What the hub had already, and its answer was lost, may come twice where it cannot be known by its number.
      if (place < next && this.#unsure.has(at)) continue;
      expect(place, told()).toBeGreaterThanOrEqual(next);
      if (place > next) expect(mayLack, told()).toBe(true);
      next = place + 1;
      mayLack = false;
    }
    if (next < appended.length) expect(mayLack, `the end of ${told()}`).toBe(true);
    return gaps;
  }

  #open(): Spool {
    const opened = openSpool({ directory: this.#directory, maxBytes: 64 * 1024, log: { warn: () => undefined } });
    if (opened.kind === 'owned') throw new Error(`the spool belongs to ${opened.pid}`);
    return opened.spool;
  }
}
