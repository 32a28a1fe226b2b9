// A directory for one test, removed at its end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
