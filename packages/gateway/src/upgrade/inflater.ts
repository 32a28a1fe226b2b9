// What a session inflates with: nothing that it keeps. `ws` makes an inflater for each socket on which something compressed
// comes and keeps it, 12 to 60 KiB, and a browser compresses all it sends once it may; that would be several times what
// an idle session weighs. Without context takeover any inflater will do, so each message has one for the moment.

import { constants, inflateRawSync } from 'node:zlib';
import * as library from 'ws';

type Inflated = (error: Error | null, data?: Buffer) => void;

/** What `ws` asks of the extension it negotiated when it reads. */
interface Extension {
  decompress(data: Buffer, isLast: boolean, callback: Inflated): void;
  cleanup(): void;
}

const name = 'permessage-deflate';

/** Where `ws` keeps what it negotiated. It is not documented: without it everything works, and weighs more. */
type WithExtensions = library.WebSocket & { readonly _extensions?: Record<string, Extension | undefined> };

/** Missing in @types/ws 8.18. */
type WithDeflate = typeof library & {
  readonly PerMessageDeflate: new (options: { isServer: true; maxPayload: number }) => Extension & {
    accept(offers: readonly object[]): object;
  };
};

/** The end of every flush, which senders leave out (RFC 7692, 7.2.2). */
const flushEnd = Buffer.from([0, 0, 0xff, 0xff]);
const nothing = Buffer.alloc(0);
const mostChunk = 64 * 1024;

/** Lets a socket that negotiated compression keep nothing of it while it is idle. */
export function inflateWithoutKeeping(webSocket: library.WebSocket, mostBytes: number): void {
  const { _extensions: extensions } = webSocket as WithExtensions;
  if (extensions?.[name] !== undefined) extensions[name] = new Inflater(mostBytes);
}

const agreed = { server_no_context_takeover: true, client_no_context_takeover: true };

/** Lets a session that is over read nothing of what still comes. */
export function stopInflating(webSocket: library.WebSocket): void {
  const extension = (webSocket as WithExtensions)._extensions?.[name];
  if (extension instanceof Inflater) extension.isOver = true;
}

/** Bytes inflated without a look at anything else. Little comes as much: who sends it must not have all the time there is. */
const mostPerTurn = 256 * 1024;
let inflatedInTurn = 0;

/** Calls back later: at once as long as this turn of the event loop has not inflated much, else in the next one. */
function answer(callback: Inflated, data: Buffer): void {
  if (inflatedInTurn === 0) setImmediate(() => (inflatedInTurn = 0));
  inflatedInTurn += Math.max(1, data.length);
  if (inflatedInTurn > mostPerTurn) setImmediate(callback, null, data);
  else process.nextTick(callback, null, data);
}

class Inflater implements Extension {
  isOver = false;
  readonly #mostBytes: number;
  /** Of a message whose end has not come; as many as the receiver allows. */
  #fragments: Buffer[] | undefined;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get params(): object {
    return agreed;
  }

  /** From how many bytes on `ws` compresses what it sends: never, since frames written past it would overtake that. */
  get _threshold(): number {
    return Infinity;
  }

  decompress(data: Buffer, isLast: boolean, callback: Inflated): void {
    if (this.isOver) return answer(callback, nothing);
    if (!isLast) {
      (this.#fragments ??= []).push(data);
      return answer(callback, nothing);
    }
    const whole = Buffer.concat([...(this.#fragments ?? []), data]);
    this.#fragments = undefined;
    const inflated = inflate(whole, this.#mostBytes);
    // The receiver does not expect to be called back before it has been answered.
    if (inflated !== undefined) answer(callback, inflated);
    else judgeAgain(whole, this.#mostBytes, callback);
  }

  cleanup(): void {
    this.#fragments = undefined;
  }
}

/** What is too long or no deflate `ws` finds as well, and alone can name the code to close with. */
function judgeAgain(deflated: Buffer, mostBytes: number, callback: Inflated): void {
  const { PerMessageDeflate } = library as WithDeflate;
  const own = new PerMessageDeflate({ isServer: true, maxPayload: mostBytes });
  own.accept([{}]);
  own.decompress(deflated, true, callback);
}

/** Undefined: it is no deflate, or more than so many bytes of it. */
function inflate(deflated: Buffer, mostBytes: number): Buffer | undefined {
  try {
    return inflateRawSync(Buffer.concat([deflated, flushEnd]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: mostBytes,
      // A call of zlib for each, and what is deflated well is a thousand times as long.
      chunkSize: Math.min(mostBytes, mostChunk),
    });
  } catch {
    return undefined;
  }
}
