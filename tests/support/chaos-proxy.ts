// A TCP proxy on loopback that does what bad networks do: drops connections, forgets them without a word, holds bytes
// back. It decides nothing; the test says when.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface ChaosProxy extends AsyncDisposable {
  readonly port: number;
  /** Resets every connection there is. */
  drop(): void;
  /** From now on every connection there is swallows its bytes, both ways, and stays open. */
  forget(): void;
  /** Passes nothing on, and loses nothing, until the returned function is called. */
  stall(): () => void;
  /** Holds bytes back for so long, in order, both ways; 0: passes them on at once. */
  delayMs: number;
}

interface Line {
  readonly ends: readonly [Socket, Socket];
  isForgotten: boolean;
}

/** Listens on a free loopback port and passes everything on to `port`. */
export async function startChaosProxy(port: number): Promise<ChaosProxy> {
  const lines = new Set<Line>();
  const proxy = { delayMs: 0 };
  let stalled = Promise.resolve();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const line: Line = { ends: [near, far], isForgotten: false };
    lines.add(line);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      // What came while something before it is held back waits behind it.
      let before = Promise.resolve();
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        const { delayMs } = proxy;
        before = before.then(async () => {
          await stalled;
          if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
          if (!line.isForgotten && !to.destroyed) to.write(bytes);
        });
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        if (!line.isForgotten) to.destroy();
        if (near.destroyed && far.destroyed) lines.delete(line);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const destroyAll = (): void => {
    for (const { ends } of lines) for (const end of ends) end.destroy();
  };
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    drop: destroyAll,
    forget() {
      for (const line of lines) line.isForgotten = true;
    },
    stall() {
      let release = (): void => {};
      stalled = new Promise((resolve) => (release = resolve));
      return release;
    },
    async [Symbol.asyncDispose]() {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
