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

/** Lets a socket that negotiated compression keep nothing of it while it is idle. */
export function inflateWithoutKeeping(webSocket: library.WebSocket, mostBytes: number): void {
  const { _extensions: extensions } = webSocket as WithExtensions;
  if (extensions?.[name] !== undefined) extensions[name] = new Inflater(mostBytes);
}

const agreed = { server_no_context_takeover: true, client_no_context_takeover: true };

class Inflater implements Extension {
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
    if (!isLast) {
      (this.#fragments ??= []).push(data);
      process.nextTick(callback, null, nothing);
      return;
    }
    const whole = Buffer.concat([...(this.#fragments ?? []), data]);
    this.#fragments = undefined;
    const inflated = inflate(whole, this.#mostBytes);
    // The receiver does not expect to be called back before it has been answered.
    if (inflated !== undefined) process.nextTick(callback, null, inflated);
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
  const chunkSize = Math.min(mostBytes, Math.max(256, deflated.length * 4));
  try {
    return inflateRawSync(Buffer.concat([deflated, flushEnd]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: mostBytes,
      chunkSize,
    });
  } catch {
    return undefined;
  }
}
