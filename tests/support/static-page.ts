// A small page from another origin: a web server of its own on loopback, under whatever name the browser was told.
// `http://127.0.0.1:<port>`, `http://localhost:<port>` and `http://evil.localhost:<port>` are three origins of it.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StaticPage extends AsyncDisposable {
  readonly port: number;
  /** The page's origin under a host name. */
  origin(host: string): string;
}

/** Serves one document for every path. */
export async function servePage(html = '<!doctype html><title>Another page</title>'): Promise<StaticPage> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: (host) => `http://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
