// Passes a command's output on, byte for byte, at the pace of who reads it: a reader that stalls makes the command wait,
// and one that is gone ends its writing, as without us. Written beside the event loop, so that a terminal at rest stops
// neither the report nor a cancellation. Knows nothing of lines.

import { write } from 'node:fs';
import type { Readable } from 'node:stream';

export interface Forwarding {
  /** Resolves when everything the command wrote has been passed on. Called after its end. */
  finish(): Promise<void>;
  /** Lets go of what has not been passed on. */
  abandon(): void;
}

/** How long until a reader is asked again that takes nothing now and does not let us wait for it, in milliseconds. */
const againMs = 5;

/** More than any pipe holds: what comes behind so many bytes was not written by a command that has ended. */
const pipeBytes = 256 * 1024;

/** Begins to pass on what `source` gives to the file `fd`; `tap` sees every chunk first and must not throw. */
export function forward(source: Readable, fd: number, tap: (bytes: Buffer) => void): Forwarding {
  const progress = { bytes: 0, isWriting: false, isOver: false };
  /** Called when something changed: a chunk came, was written, or the pipe is over. */
  let wake = (): void => {};

  function pass(bytes: Buffer): void {
    write(fd, bytes, (error, count) => {
      if (error === null && count < bytes.length) return pass(bytes.subarray(count));
      if (error?.code === 'EAGAIN' || error?.code === 'EINTR') return void setTimeout(() => pass(bytes), againMs);
      progress.isWriting = false;
      // Nobody reads any more, or the disk is full: the command learns of it at its own next write.
      if (error === null) source.resume();
      else source.destroy();
      wake();
    });
  }
  source.on('data', (bytes: Buffer) => {
    progress.bytes += bytes.length;
    progress.isWriting = true;
    source.pause();
    tap(bytes);
    pass(bytes);
  });
  source.once('close', () => {
    progress.isOver = true;
    wake();
  });
  // A pipe that breaks is over; there is nobody to tell.
  source.on('error', () => {});

  return {
    async finish() {
      const before = progress.bytes;
      for (;;) {
        if (progress.isWriting) await new Promise<void>((resolve) => (wake = resolve));
        // Something in the background may hold the pipe open, and go on writing.
        else if (progress.isOver || progress.bytes - before > pipeBytes) break;
        else {
          const seen = progress.bytes;
          await aroundTheLoop();
          // What the command wrote has been in the pipe since its end: nothing came, so nothing of it is left.
          if (seen === progress.bytes) break;
        }
      }
      source.destroy();
    },
    abandon() {
      progress.isWriting = false;
      source.destroy();
      wake();
    },
  };
}

/** Resolves when the event loop has looked at every pipe since. */
async function aroundTheLoop(): Promise<void> {
  // From a pipe's callback the first comes before any other is looked at, and one that is resumed is so a turn later.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
