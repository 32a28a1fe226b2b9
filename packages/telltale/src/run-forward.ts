// Passes a command's output on, byte for byte, at the pace of who reads it: a reader that stalls makes the command wait,
// and one that is gone ends its writing, as without us. Written beside the event loop, so that a terminal at rest stops
// neither the report nor a cancellation. Knows nothing of lines.

import { write } from 'node:fs';
import type { Readable } from 'node:stream';

export interface Forwarding {
  /**
   * Resolves when everything the command wrote has been passed on. Called after its end: a pipe that something in the
   * background still holds open is let go of once it was silent for `silentMs`, or after `mostMs`.
   */
  finish(silentMs: number, mostMs: number): Promise<void>;
  /** Lets go of what has not been passed on. */
  abandon(): void;
}

/** How long until a reader is asked again that takes nothing now and does not let us wait for it, in milliseconds. */
const againMs = 5;

/** Begins to pass on what `source` gives to the file `fd`; `tap` sees every chunk first and must not throw. */
export function forward(source: Readable, fd: number, tap: (bytes: Buffer) => void): Forwarding {
  const progress = { chunks: 0, isWriting: false, isOver: false };
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
    progress.chunks += 1;
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

  /** Resolves at the next change, or after so long. */
  function change(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = mostMs === Infinity ? undefined : setTimeout(resolve, mostMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    async finish(silentMs, mostMs) {
      const begun = performance.now();
      let seen = -1;
      for (;;) {
        if (progress.isWriting) await change(Infinity);
        else if (progress.isOver || seen === progress.chunks || performance.now() - begun > mostMs) break;
        else {
          seen = progress.chunks;
          await change(silentMs);
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
