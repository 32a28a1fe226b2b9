// Sends what stands in the window of one spool, in its order, and tells the spool what became of it. A channel whose
// publish failed goes back to the first that has no answer; other channels go on. Knows a connection only as somebody to
// ask.

import type { RateGate, RequestFrame } from '@telltale/client';
import type { ErrorFrame, Once, ResultFrame } from '@telltale/protocol';
import type { AgentLog } from '../collector.ts';
import type { Spool, SpoolEntry } from '../spool/spool.ts';

export interface SenderOptions {
  readonly spool: Spool;
  readonly ask: (frame: RequestFrame) => Promise<ResultFrame | ErrorFrame | undefined>;
  /** Whether records of this channel may go now. */
  readonly allows: (channel: string) => boolean;
  readonly gate: RateGate;
  readonly maxFrameBytes: () => number;
  /** Something may be sent that could not be before. */
  readonly onReady: () => void;
  readonly log: AgentLog;
}

/** What came of a look at the window: `late` is how long to wait for the rate, in milliseconds. */
export type Sent = { readonly kind: 'all' } | { readonly kind: 'late'; readonly afterMs: number };

export interface Sender {
  readonly underWay: number;
  /** Sends what may be sent, at most so many; answers how it went. */
  send(most: number): Sent;
  /** The session is over: nothing is under way any more, and nothing waits for a better time. */
  lost(): void;
}

interface Halt {
  /** The error of the first record without an answer. */
  error?: ErrorFrame;
  timer?: NodeJS.Timeout;
}

const highestWaitMs = 15_000;
/** One line of a kind in so many milliseconds says that records were left out. */
const complainMs = 10_000;

export function createSender(options: SenderOptions): Sender {
  const { spool, ask, allows, gate, maxFrameBytes, onReady, log } = options;
  let underWay = new Set<SpoolEntry>();
  const halted = new Map<string, Halt>();
  const fails = new Map<string, number>();
  const complainedAt = new Map<string, number>();

  /**
   * What the hub never takes leaves a gap. It stands behind what was under way when that was heard: those records have
   * their places already.
   */
  function leaveOut(entry: SpoolEntry, fields: object, why: string): void {
    const { channel, items } = entry;
    const became = spool.refused(entry) ? 'a gap goes in its place' : 'it is left out, for it was such a gap';
    const text = `${why}; ${became}`;
    if (performance.now() - (complainedAt.get(text) ?? -Infinity) <= complainMs) return;
    complainedAt.set(text, performance.now());
    log.warn({ channel, items: items.length, ...fields }, text);
  }

  function dispatch(entry: SpoolEntry, frame: RequestFrame): void {
    const mine = underWay;
    mine.add(entry);
    void ask(frame).then((answer) => {
      mine.delete(entry);
      if (mine !== underWay || answer === undefined) return;
      if (answer.type === 'result') {
        fails.delete(entry.channel);
        spool.answered(entry);
      } else if (answer.retryable) halt(entry, answer);
      else {
        const { code, message } = answer;
        leaveOut(entry, { code, message }, 'The hub does not take what was reported');
      }
      const { channel } = entry;
      if (halted.has(channel) && !hasUnderWay(channel)) goBack(channel);
      onReady();
    });
  }

  function hasUnderWay(channel: string): boolean {
    return [...underWay].some((entry) => entry.channel === channel);
  }
  function firstOf(channel: string): SpoolEntry | undefined {
    return spool.window.find((entry) => entry.channel === channel && !entry.isAnswered);
  }

  /** Nothing more of this channel until all of it that is under way has its answer. */
  function halt(entry: SpoolEntry, error: ErrorFrame): void {
    const halting = halted.get(entry.channel) ?? {};
    halted.set(entry.channel, halting);
    // What the hub says of those behind it only follows from that.
    if (firstOf(entry.channel) === entry) halting.error = error;
  }
  function goBack(channel: string): void {
    const halting = halted.get(channel);
    if (halting === undefined) return;
    const { expected, retryAfterMs } = halting.error ?? {};
    const first = firstOf(channel);
    const isMoved = expected !== undefined && first !== undefined && expected !== first.once.seq;
    if (isMoved) spool.renumber(channel, expected);
    const tries = fails.get(channel) ?? 0;
    fails.set(channel, tries + 1);
    const backoffMs = Math.min(highestWaitMs, 250 * 2 ** tries) * (0.5 + Math.random() / 2);
    const waitMs = retryAfterMs ?? (isMoved && tries === 0 ? 0 : backoffMs);
    halting.timer = setTimeout(() => {
      halted.delete(channel);
      onReady();
    }, waitMs);
  }

  return {
    get underWay() {
      return underWay.size;
    },
    send(most) {
      const blocked = new Set<string>(halted.keys());
      const producers = new Map<string, string>();
      for (const entry of spool.window) {
        if (underWay.size >= most) break;
        const { channel, once, isAnswered } = entry;
        if (isAnswered || blocked.has(channel)) continue;
        const before = producers.get(channel);
        producers.set(channel, once.producer);
        if (underWay.has(entry)) continue;
        // Two producers of one channel are not kept in order by the hub: the one waits for the other.
        if ((before !== undefined && before !== once.producer) || !allows(channel)) {
          blocked.add(channel);
          continue;
        }
        const frame = frameOf(entry, once);
        // With room for the id.
        const bytes = Buffer.byteLength(JSON.stringify(frame)) + 24;
        if (bytes > maxFrameBytes()) {
          leaveOut(entry, { bytes }, 'Found a record larger than the hub takes');
          return this.send(most);
        }
        const afterMs = gate.take(bytes);
        if (afterMs > 0) return { kind: 'late', afterMs };
        dispatch(entry, frame);
      }
      return { kind: 'all' };
    },
    lost() {
      underWay = new Set();
      for (const { timer } of halted.values()) clearTimeout(timer);
      halted.clear();
    },
  };
}

function frameOf({ channel, items }: SpoolEntry, { producer, seq }: Once): RequestFrame {
  return { type: 'publish', channel, once: { producer, seq }, batch: items.map((data) => ({ data })) };
}
