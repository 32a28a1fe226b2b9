// A program for a browser, built for production as the dashboard is: minified, with the production build of React, with
// styles and their modules. Answers requests from memory, so that a test's gateway can stand on the same server.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

export interface BuiltPage extends AsyncDisposable {
  readonly server: Server;
  readonly url: string;
}

/** Builds `tests/pages/<name>` and serves it for every path that is no file of it. */
export async function serveBuilt(name: string): Promise<BuiltPage> {
  const entry = fileURLToPath(new URL(`../pages/${name}`, import.meta.url));
  // The tests' own environment is another, and would give React's development build.
  const environment = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  const built = (await build({
    root: dirname(entry),
    configFile: false,
    logLevel: 'silent',
    mode: 'production',
    oxc: { jsx: { runtime: 'automatic', development: false } },
    resolve: { conditions: ['telltale-source', 'module', 'browser', 'production'] },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: { input: entry, output: { entryFileNames: 'entry.js' } },
    },
  }).finally(() => (process.env['NODE_ENV'] = environment))) as Rolldown.RolldownOutput;
  const files = new Map<string, string | Uint8Array>(
    built.output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const),
  );
  const styles = [...files.keys()].filter((path) => path.endsWith('.css'));
  const links = styles.map((path) => `<link rel="stylesheet" href="${path}">`).join('');
  const document = `<!doctype html><title>Page</title>${links}<body><script type="module" src="/entry.js"></script>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = files.get(pathname);
    const kind = file === undefined ? 'html' : pathname.endsWith('.css') ? 'css' : 'javascript';
    response.setHeader('content-type', pathname.endsWith('.woff2') ? 'font/woff2' : `text/${kind}; charset=utf-8`);
    response.end(file ?? document);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
