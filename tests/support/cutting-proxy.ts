// A TCP proxy on loopback that can swallow what goes through it, as a network does that forgot a connection while a
// laptop slept: nothing is closed, nothing arrives. Connections made after the cut are whole.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on every connection there is swallows its bytes, both ways. */
  cut(): void;
  /** Ends every connection there is, as a router does that starts again. */
  drop(): void;
}

/** Listens on a free loopback port and passes everything on to `port`. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const cuts = new Set<() => void>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let isCut = false;
    const cut = (): void => {
      isCut = true;
    };
    cuts.add(cut);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        if (!isCut) to.write(bytes);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        cuts.delete(cut);
        if (!isCut) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const cut of cuts) cut();
    },
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
