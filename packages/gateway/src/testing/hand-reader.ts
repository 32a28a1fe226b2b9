// A reader whose transport is held by hand, and what a careful viewer makes of the frames: it checks order, repeats and
// gaps as they come, and holds rows and messages as a client would.

import { constants, inflateRawSync } from 'node:zlib';
import type { MessagesFrame, Position, ServerFrame, SubscribedFrame } from '@telltale/protocol';
import type { Outgoing } from '../delivery/outgoing.ts';
import type { Reader, Subscription } from '../delivery/subscription.ts';
import type { Transport } from '../delivery/transport.ts';

/** Takes the header off a WebSocket frame and reads its JSON. */
export function readFrame(buffer: Buffer): ServerFrame {
  return readFrames(buffer)[0] as ServerFrame;
}

/** The frames of a buffer, which may have been joined of several. */
function readFrames(buffer: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at < buffer.length;) {
    const short = (buffer[at + 1] as number) & 127;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? buffer.readUInt16BE(at + 2) : buffer.readUInt32BE(at + 6);
    const payload = buffer.subarray(at + header, at + header + length);
    const text = isDeflated(buffer, at) ? inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }) : payload;
    const message = JSON.parse(text.toString()) as ServerFrame | ServerFrame[];
    frames.push(...(Array.isArray(message) ? message : [message]));
    at += header + length;
  }
  return frames;
}

/** Whether the frame that begins here says that its payload is deflated. */
export function isDeflated(buffer: Buffer, at = 0): boolean {
  return ((buffer[at] as number) & 0x40) !== 0;
}

export class HandTransport implements Transport {
  inflates = false;
  joins = false;
  isSlow = false;
  unansweredBytes = 0;
  /** What may be unanswered before it counts as congested by itself. */
  windowBytes = Infinity;
  /** The line is gone: what is sent arrives nowhere. */
  isCut = false;
  #isHeld = false;
  /** One entry per write. */
  readonly writes: ServerFrame[][] = [];
  readonly buffers: Buffer[] = [];
  readonly #onFrame: (frame: ServerFrame) => void;

  constructor(onFrame: (frame: ServerFrame) => void = () => {}) {
    this.#onFrame = onFrame;
  }

  get isCongested(): boolean {
    return this.#isHeld || this.unansweredBytes >= this.windowBytes;
  }

  set isCongested(isHeld: boolean) {
    this.#isHeld = isHeld;
  }

  send(frames: readonly Buffer[]): void {
    if (this.isCut) return;
    this.buffers.push(...frames);
    for (const { length } of frames) this.unansweredBytes += length;
    const read = frames.flatMap(readFrames);
    this.writes.push(read);
    for (const frame of read) this.#onFrame(frame);
  }

  get frames(): ServerFrame[] {
    return this.writes.flat();
  }

  messages(channel: string): MessagesFrame[] {
    return this.frames.filter(
      (frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === channel,
    );
  }
}

/** What a viewer of one channel holds. */
export class HandView {
  position: Position | null = null;
  start: SubscribedFrame['start'] | undefined;
  readonly messages: { offset: number; data: unknown }[] = [];
  readonly missed: { from: number; to: number }[] = [];
  rows = new Map<string, unknown>();
  isComplete = false;
  /** What was promised and not kept, in words. */
  readonly faults: string[] = [];
  #next: Map<string, unknown> | undefined;

  take(frame: ServerFrame): void {
    if (frame.type === 'subscribed') {
      this.start = frame.start;
      this.position = frame.position;
      this.isComplete = false;
      if (frame.start !== 'resumed') {
        this.#next = new Map();
        this.messages.length = 0;
        this.missed.length = 0;
      }
    }
    if (frame.type === 'messages') this.#apply(frame);
  }

  #apply({ epoch, messages, to, more, gap }: MessagesFrame): void {
    if (this.start === undefined) this.faults.push('messages before subscribed');
    const at = this.position?.epoch === epoch ? this.position.offset : 0;
    if (this.position !== null && epoch !== null && this.position.epoch !== epoch)
      this.faults.push(`epoch ${epoch} without a reset`);
    let last = at;
    if (gap !== undefined) {
      if (gap.from !== at + 1 || gap.to < gap.from) this.faults.push(`gap ${gap.from}-${gap.to} at ${at}`);
      this.missed.push(gap);
      last = gap.to;
    }
    for (const { offset, key, data } of messages) {
      if (offset <= last) this.faults.push(`offset ${offset} after ${last}`);
      if (key === undefined && offset !== last + 1) this.faults.push(`hole between ${last} and ${offset}`);
      last = offset;
      if (key === undefined) this.messages.push({ offset, data });
      const rows = this.#next ?? this.rows;
      if (key !== undefined && data === null) rows.delete(key);
      else if (key !== undefined) rows.set(key, data);
    }
    if (to < last) this.faults.push(`to ${to} before ${last}`);
    if (epoch !== null) this.position = { epoch, offset: to };
    this.isComplete = more !== true;
    if (this.isComplete && this.#next !== undefined) {
      this.rows = this.#next;
      this.#next = undefined;
    }
  }
}

export class HandReader implements Reader {
  readonly view: HandView;
  readonly transport: HandTransport;
  catchingUp: readonly Subscription[] = [];
  wasServedStream: boolean = false;
  isQueued = false;
  outgoing: Outgoing | undefined = undefined;
  sentMessages = 0;

  /** @param view what the viewer holds already, where it comes back on a new session */
  constructor(view: HandView = new HandView()) {
    this.view = view;
    this.transport = new HandTransport((frame) => this.view.take(frame));
  }
}
