// A program for a browser, bundled from its sources as an application would, and served on loopback. It can refuse to
// serve what the program loads late, as a hub does that has gone away or was updated.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rolldown } from 'rolldown';

export interface BundledPage extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** True: what loads late answers 503. */
  isTorn: boolean;
  /** Requests for what loads late. */
  readonly lateRequests: number;
}

/** Bundles `input` for development (React's StrictMode is what it is there) and serves it for every path. */
export async function serveBundle(input: string): Promise<BundledPage> {
  const bundle = await rolldown({
    input,
    platform: 'browser',
    resolve: { conditionNames: ['telltale-source', 'import', 'browser'] },
    transform: { define: { 'process.env.NODE_ENV': '"development"' } },
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', entryFileNames: 'entry.js' });
  await bundle.close();
  const scripts = new Map(output.flatMap((file) => (file.type === 'chunk' ? [[`/${file.fileName}`, file.code]] : [])));
  let isTorn = false;
  let lateRequests = 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const script = scripts.get(pathname);
    if (script !== undefined && pathname !== '/entry.js') {
      lateRequests++;
      if (isTorn) return void response.writeHead(503).end();
    }
    // The browser may keep nothing, so that each page asks; `no-store` would keep it out of the back-forward cache.
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('content-type', script === undefined ? 'text/html; charset=utf-8' : 'text/javascript');
    response.end(script ?? '<!doctype html><title>Page</title><body><script type="module" src="/entry.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://localhost:${port}`,
    get isTorn() {
      return isTorn;
    },
    set isTorn(torn) {
      isTorn = torn;
    },
    get lateRequests() {
      return lateRequests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
