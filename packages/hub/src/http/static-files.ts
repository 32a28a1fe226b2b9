// The built dashboard, held in memory. The map is made once at start from what the build left; a request's path is only
// ever looked up in it, so no path, however written, reaches the file system.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer | undefined;
  readonly brotli: Buffer | undefined;
  readonly etag: string;
  /** Whether its name changes with its content. */
  readonly caching: 'immutable' | 'revalidate';
}

/** Files by URL path; `/index.html` is the page of every app route. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
const compressed = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt', '.webmanifest']);

/** Reads a build directory. Source maps, dot files and unknown types are left out; a missing directory is empty. */
export function readStaticFiles(directory: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  const walk = (folder: string, path: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const place = join(folder, entry.name);
      const url = `${path}/${entry.name}`;
      if (entry.isDirectory()) walk(place, url);
      const extension = extname(entry.name);
      const type = types[extension];
      // Neither links nor anything else that is no plain file: they could point out of the build.
      if (!entry.isFile() || type === undefined) continue;
      const body = readFileSync(place);
      const worthIt = compressed.has(extension) && body.length > 1024;
      files.set(url, {
        type,
        body,
        gzip: worthIt ? gzipSync(body, { level: 6 }) : undefined,
        brotli: worthIt && existsSync(`${place}.br`) ? readFileSync(`${place}.br`) : undefined,
        etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
        caching: url.startsWith('/assets/') && /-[\w-]{8,}\.\w+$/.test(entry.name) ? 'immutable' : 'revalidate',
      });
    }
  };
  if (existsSync(directory)) walk(directory, '');
  return files;
}

/** The file of a request path as it stands in the URL: an exact entry, or the page for an app route. */
export function findStaticFile(files: StaticFiles, path: string): StaticFile | undefined {
  const exact = files.get(path);
  if (exact !== undefined) return exact;
  const appRoute =
    /^\/([a-z0-9-]+(\/[a-zA-Z0-9_-][a-zA-Z0-9._-]*)*\/?)?$/.test(path) &&
    !/^\/(api|ws|assets|download)(\/|$)/.test(path);
  return appRoute ? files.get('/index.html') : undefined;
}
