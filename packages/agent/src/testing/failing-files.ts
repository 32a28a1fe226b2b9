// A real file system that dies after so many bytes, as a process does that is killed half-way through a write, or that is
// full: then a write takes what fits and fails.

import * as fs from 'node:fs';
import type { SpoolFiles } from '../spool/spool-files.ts';

export interface FailingFiles extends SpoolFiles {
  /** So many more bytes and calls, then nothing is written, renamed or removed any more. */
  dieAfter(cost: number): void;
  readonly isDead: boolean;
  /** Bytes that may still be written; undefined: any number. */
  room: number | undefined;
  /** Closes what a dead process would have closed. */
  bury(): void;
}

/** What a call costs beside its bytes: so that a death can come between any two. */
const callCost = 8;

export function failingFiles(): FailingFiles {
  let life = Infinity;
  const open = new Set<number>();
  /** How much of this is done before the process dies. */
  const spend = (cost: number): number => {
    const done = Math.min(cost, life);
    life -= done;
    return done;
  };
  const act = <Args extends unknown[], Result>(call: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      if (spend(callCost) < callCost) throw new Error('killed');
      return call(...args);
    };
  };
  const full = (): Error => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const files = {
    ...fs,
    room: undefined as number | undefined,
    get isDead() {
      return life === 0;
    },
    dieAfter(cost: number) {
      life = cost;
    },
    bury() {
      for (const descriptor of open) fs.closeSync(descriptor);
      open.clear();
    },
    openSync(...args: Parameters<typeof fs.openSync>): number {
      if (life === 0) throw new Error('killed');
      const descriptor = fs.openSync(...args);
      open.add(descriptor);
      return descriptor;
    },
    closeSync(descriptor: number) {
      if (open.delete(descriptor)) fs.closeSync(descriptor);
    },
    writeSync(descriptor: number, bytes: Buffer, offset: number, length: number, position: number): number {
      if (life === 0) throw new Error('killed');
      if (files.room === 0) throw full();
      const fits = Math.min(length, files.room ?? length);
      const done = spend(fits);
      if (done > 0) fs.writeSync(descriptor, bytes, offset, done, position);
      if (files.room !== undefined) files.room -= done;
      if (done < fits) throw new Error('killed');
      return done;
    },
    writeFileSync(path: string, text: string, options: fs.WriteFileOptions) {
      const room = files.room ?? text.length;
      const done = spend(Math.min(text.length, room));
      fs.writeFileSync(path, text.slice(0, done), options);
      if (files.room !== undefined) files.room -= done;
      if (done < Math.min(text.length, room)) throw new Error('killed');
      if (done < text.length) throw full();
    },
    ftruncateSync: act(fs.ftruncateSync),
    linkSync: act(fs.linkSync),
    renameSync: act(fs.renameSync),
    unlinkSync: act((path: string) => {
      const { size } = fs.statSync(path);
      fs.unlinkSync(path);
      if (files.room !== undefined) files.room += size;
    }),
  };
  return files as unknown as FailingFiles;
}
