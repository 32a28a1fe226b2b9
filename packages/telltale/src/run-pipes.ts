// Where a command writes while `telltale run` listens: real pipes. What Node gives a child are sockets, and a program
// that opens /dev/stdout or /dev/stderr fails on those; so these are named pipes whose names are gone before it starts.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface CommandPipe {
  /** Given to the command as one of its outputs. */
  readonly fd: number;
  readonly source: Readable;
}

/** As many pipes as asked for; undefined where named pipes cannot be made, and Node's own must do. */
export function openPipes(count: number): readonly CommandPipe[] | undefined {
  const opened: number[] = [];
  let directory: string | undefined;
  try {
    directory = mkdtempSync(join(tmpdir(), 'telltale-run-'));
    const paths = Array.from({ length: count }, (_, index) => join(directory ?? '', String(index)));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    // The reading end first and without waiting: a pipe opened for writing waits for its reader.
    const pairs = paths.map((path) => {
      const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      opened.push(read);
      const fd = openSync(path, constants.O_WRONLY);
      opened.push(fd);
      return { read, fd };
    });
    return pairs.map(({ read, fd }) => ({ fd, source: new Socket({ fd: read, readable: true, writable: false }) }));
  } catch {
    opened.forEach(closeSync);
    return undefined;
  } finally {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
}
