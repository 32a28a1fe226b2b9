// Records that the disk does not take at the moment, in memory, oldest first and bounded. What does not fit is dropped
// from the old end, and a gap in its place says how much.

import { DroppedRecords, type SpoolRecord } from './record.ts';

/** What was appended together, and so is written together. */
interface Held {
  readonly records: readonly SpoolRecord[];
  readonly bytes: number;
}

export class Overflow {
  readonly #mostBytes: number;
  readonly #now: () => number;
  readonly #gone: DroppedRecords = new DroppedRecords();
  #held: Held[] = [];
  #bytes = 0;

  constructor(mostBytes: number, now: () => number) {
    this.#mostBytes = mostBytes;
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0 && this.#gone.isEmpty;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Items that were dropped since it was made. */
  get dropped(): number {
    return this.#gone.dropped;
  }

  push(records: readonly SpoolRecord[], bytes: number): void {
    this.#held.push({ records, bytes });
    this.#bytes += bytes;
    this.shrink(this.#mostBytes);
  }

  /** Drops the oldest until the rest is no larger than this. */
  shrink(mostBytes: number): void {
    let gone = 0;
    for (; this.#bytes > mostBytes && gone < this.#held.length; gone++) {
      const { records, bytes } = this.#held[gone] as Held;
      for (const record of records) this.#gone.add(record, 'disk-full', this.#now());
      this.#bytes -= bytes;
    }
    this.#held.splice(0, gone);
  }

  /** Takes records that are older than all it holds, as dropped. */
  drop(records: readonly SpoolRecord[]): void {
    for (const record of records) this.#gone.add(record, 'disk-full', this.#now());
  }

  /** Takes the oldest record out: what stands for dropped ones comes first. */
  shift(): SpoolRecord | undefined {
    const first = this.#all()[0];
    if (first === undefined) return undefined;
    const [record, ...rest] = first.records;
    const share = first.bytes / first.records.length;
    this.#bytes -= share;
    if (rest.length === 0) this.#held.shift();
    else this.#held[0] = { records: rest, bytes: first.bytes - share };
    return record;
  }

  /** Hands all on, oldest first, until the receiver throws; what it has not taken stays. */
  flush(take: (records: readonly SpoolRecord[]) => void): void {
    let taken = 0;
    try {
      for (const { records, bytes } of this.#all()) {
        take(records);
        taken++;
        this.#bytes -= bytes;
      }
    } finally {
      this.#held.splice(0, taken);
    }
  }

  #all(): readonly Held[] {
    if (!this.#gone.isEmpty) {
      const gaps = this.#gone.take(this.#now()).map((record) => ({ records: [record], bytes: 0 }));
      this.#held.unshift(...gaps);
    }
    return this.#held;
  }
}
