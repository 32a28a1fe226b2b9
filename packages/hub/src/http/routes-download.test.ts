// The packed command over real requests: what is handed out is what was built, and where none was built it is said.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { startTestHub } from '../testing/test-hub.ts';
import { type PackedCommand, readPackedCommand } from './download.ts';

const content = Buffer.from('as if packed');
const sha256 = createHash('sha256').update(content).digest('hex');

function built(): PackedCommand {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'telltale-0.1.0.tgz'), content);
  const packed = readPackedCommand('0.1.0', [pathToFileURL('/nowhere/'), pathToFileURL(`${directory}/`)]);
  if (packed === undefined) throw new Error('what was built was not found');
  return packed;
}

describe('the packed command', () => {
  it('is handed out to anyone, with what there is to know of it', async () => {
    const { base, ask } = await startTestHub(
      { mode: 'production', allowedOrigins: ['https://ops.example.com'] },
      {
        packed: built(),
      },
    );
    const path = '/download/telltale-0.1.0.tgz';
    expect((await ask('/api/download')).json).toEqual({ version: '0.1.0', path, bytes: content.length, sha256 });

    const answer = await fetch(base + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/gzip');
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);

    const etag = answer.headers.get('etag') ?? '';
    expect(etag).toContain(sha256);
    expect((await ask(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await ask(path, { method: 'HEAD' })).headers.get('content-length')).toBe(String(content.length));
  });

  it('of another version is not here', async () => {
    const { ask } = await startTestHub({}, { packed: built() });
    expect((await ask('/download/telltale-9.9.9.tgz')).status).toBe(404);
  });

  it('that was not built is missed in words', async () => {
    expect(readPackedCommand('0.1.0', [pathToFileURL('/nowhere/')])).toBeUndefined();
    const { ask } = await startTestHub({}, { packed: 'none' });
    for (const path of ['/api/download', '/download/telltale-0.1.0.tgz']) {
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(answer.json.error).toMatchObject({
        message: expect.stringContaining('no packed command'),
        hint: expect.stringContaining('npm run build'),
      });
    }
  });
});
