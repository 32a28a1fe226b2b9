// Routes for a machine that is to report: the packed command, and what there is to know of it before it is run.

import type { Download } from '../api.ts';
import type { HubContext } from './context.ts';
import { downloadPath, type PackedCommand } from './download.ts';
import { notFound } from './failure.ts';
import { type Route, route } from './route.ts';

export function downloadRoutes({ packed, version }: HubContext): readonly Route[] {
  const found = (): PackedCommand => {
    if (packed !== undefined) return packed;
    throw notFound(
      'This hub has no packed command to hand out: it was started from sources that were not built.',
      'Run "npm run build" where the hub is installed, then start it again.',
    );
  };
  return [
    route({
      method: 'GET',
      path: '/api/download',
      rule: 'anyone',
      handle(): Download {
        const { path, bytes, sha256 } = found();
        return { version, path, bytes, sha256 };
      },
    }),
    route({
      method: 'GET',
      path: downloadPath(version),
      rule: 'anyone',
      handle({ raw, reply }) {
        const { content, sha256 } = found();
        const etag = `"${sha256}"`;
        // Asked for anew each time: between two builds of one version only the content changes.
        reply.header('cache-control', 'no-cache').header('etag', etag);
        if (raw.headers['if-none-match'] === etag) return reply.code(304).send();
        return reply.type('application/gzip').send(content);
      },
    }),
  ];
}
