// What the client holds of one channel, folded from its frames: a table's rows or a stream's newest messages, the
// position to resume from, and how fresh it is. Called by subscriptions.ts; knows no socket, listener or timer.

import type { ChannelKind, Gap, MessagesFrame, Position, Since, SubscribedFrame } from '@telltale/protocol';
import type { Freshness, HeldMessage, SubscriptionEvent } from './types.ts';

export interface Channel {
  readonly kind: ChannelKind | undefined;
  readonly position: Position | undefined;
  /** Where to resume: the position, or all there is where there was no log yet. Undefined: nothing was read so far. */
  readonly since: Since | undefined;
  readonly freshness: Freshness;
  readonly denied: { readonly code: number; readonly reason: string } | undefined;
  /** A new array after each change, the same one until then. */
  readonly held: readonly HeldMessage[];
  /** Most messages of a stream to hold. */
  keep: number;
  /** Gives who begins to listen what the others have been given: also what is missing behind the newest message. */
  prime(give: (event: SubscriptionEvent) => void): void;
  subscribed(frame: SubscribedFrame): void;
  /** How many messages were new; undefined: the frame is of a life of the log nobody announced. */
  messages(frame: MessagesFrame): number | undefined;
  stale(since: number): void;
  deny(code: number, reason: string, now: number): void;
  acknowledgeGap(): void;
  /** Back to nothing: what was held belonged to somebody else. */
  clear(): void;
}

type Line = Exclude<Freshness, { kind: 'gap' }>;

const messagesEvent = (messages: readonly HeldMessage[], gap?: Gap): SubscriptionEvent => ({
  type: 'messages',
  messages,
  ...(gap && { gap }),
});

export function createChannel(emit: (event: SubscriptionEvent) => void, report: (text: string) => void): Channel {
  let kind: ChannelKind | undefined;
  let epoch: string | undefined;
  let offset = 0;
  let rows = new Map<string, HeldMessage>();
  /** The table that replaces `rows` once it is whole. */
  let next: Map<string, HeldMessage> | undefined;
  let items: HeldMessage[] = [];
  let held: readonly HeldMessage[] | undefined;
  let line: Line = { kind: 'catching-up' };
  /** What is missing and not acknowledged. */
  let loss: { readonly gap: Gap | undefined } | undefined;
  let denied: Channel['denied'];
  /** Missing before the messages that come next. */
  let unsaid: Gap | undefined;
  /** It was live: where there was no log yet, whatever the log holds when the line is back is new. */
  let wasLive: boolean | undefined;

  const freshness = (): Freshness => (line.kind === 'live' && loss ? { kind: 'gap', gap: loss.gap } : line);
  const freshnessEvent = (): SubscriptionEvent => ({ type: 'freshness', freshness: freshness() });
  function setLine(changed: Line): void {
    line = changed;
    emit(freshnessEvent());
  }
  function lose(gap: Gap | undefined): void {
    loss = { gap: loss ? gap && loss.gap && { from: loss.gap.from, to: gap.to } : gap };
  }

  /** Takes the messages of a stream; returns the new ones and what is missing before or between them. */
  function take(frame: MessagesFrame): { fresh: HeldMessage[]; missing: Gap | undefined } {
    const fresh: HeldMessage[] = [];
    let missing = unsaid;
    unsaid = undefined;
    const skip = (end: number) => {
      missing = { from: missing ? missing.from : offset + 1, to: end };
      offset = end;
    };
    const hole = (end: number) => {
      report(`found a jump from offset ${offset} to ${end + 1}`);
      skip(end);
    };
    const { gap, messages, to } = frame;
    if (gap && gap.to > offset) skip(gap.to);
    for (const message of messages) {
      if (message.offset <= offset) continue;
      if (kind === 'stream' && message.offset > offset + 1) hole(message.offset - 1);
      offset = message.offset;
      fresh.push(Object.assign(message, { epoch: epoch as string }));
    }
    if (kind === 'stream' && to > offset) hole(to);
    offset = Math.max(offset, to);
    return { fresh, missing };
  }

  return {
    keep: 0,
    get kind() {
      return kind;
    },
    get position() {
      return epoch ? { epoch, offset } : undefined;
    },
    get since() {
      return this.position ?? (wasLive ? { last: 1e9 } : undefined);
    },
    get freshness() {
      return freshness();
    },
    get denied() {
      return denied;
    },
    get held() {
      return (held ??= kind === 'table' ? [...rows.values()] : items.slice(-this.keep));
    },

    prime(give) {
      const messages = this.held;
      const last = items.at(-1);
      if (messages.length) give(messagesEvent(messages));
      if (last && last.epoch === epoch && last.offset < offset && !unsaid)
        give(messagesEvent([], { from: last.offset + 1, to: offset }));
      give(denied ? { type: 'denied', ...denied } : freshnessEvent());
    },

    subscribed({ start, position, kind: announced }) {
      const knew = epoch;
      kind = announced;
      denied = undefined;
      if (start !== 'resumed') {
        const begins = position?.offset ?? 0;
        if (kind === 'table') next = new Map();
        else if (knew && (start === 'reset' || position?.epoch !== knew)) {
          lose(undefined);
          emit({ type: 'reset' });
        }
        if (start === 'fresh' && kind === 'stream' && ((wasLive && !knew) || position?.epoch === knew)) {
          // Begun anew by the server in the same life: what overlaps is dropped by offset, what lies between is missing.
          if (begins > offset) unsaid = { from: offset + 1, to: begins };
          offset = Math.max(offset, begins);
        } else {
          offset = begins;
          unsaid = undefined;
        }
        epoch = position?.epoch;
      }
      setLine({ kind: 'catching-up' });
    },

    messages(frame) {
      if (frame.epoch !== (epoch ?? null)) {
        if (epoch || !frame.epoch) return undefined;
        epoch = frame.epoch;
      }
      const { fresh, missing } = take(frame);
      if (missing && kind === 'stream') lose(missing);
      if (kind === 'table') {
        const target = next ?? rows;
        for (const message of fresh) {
          const key = message.key ?? '';
          if (message.data === null) target.delete(key);
          else target.set(key, message);
        }
      } else {
        items.push(...fresh);
        if (items.length > 1.5 * this.keep) items = items.slice(-this.keep);
      }
      if (!next) {
        if (fresh.length || missing) {
          held = undefined;
          emit(messagesEvent(fresh, missing));
        }
      } else if (!frame.more) {
        if (rows.size) emit({ type: 'reset' });
        rows = next;
        next = held = undefined;
        emit(messagesEvent(this.held));
      }
      if (frame.more) {
        if (line.kind !== 'catching-up') setLine({ kind: 'catching-up' });
      } else if (line.kind !== 'live') {
        wasLive = true;
        setLine({ kind: 'live' });
      } else if (missing) setLine(line);
      return fresh.length;
    },

    stale(since) {
      // What never arrived can't be stale.
      if (line.kind === 'live' || (line.kind === 'catching-up' && epoch)) setLine({ kind: 'stale', since });
    },
    deny(code, reason, now) {
      denied = { code, reason };
      line = { kind: 'stale', since: now };
      emit({ type: 'denied', code, reason });
    },
    acknowledgeGap() {
      if (!loss) return;
      loss = undefined;
      setLine(line);
    },
    clear() {
      epoch = next = held = loss = denied = wasLive = unsaid = undefined;
      offset = 0;
      rows = new Map();
      items = [];
      emit({ type: 'cleared' });
      setLine({ kind: 'catching-up' });
    },
  };
}
