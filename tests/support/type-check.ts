// Type-checks code from documents in one project of their own, against the workspace's sources. Each block is a module in
// the folder of its document, which may name one, so that the next can import it.

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, temporaryDirectory } from './hub-process.ts';
import type { Snippet } from './snippets.ts';

/** `as channels.ts` names the block's module. */
function nameOf({ directive, language }: Snippet, index: number): string {
  return /^as (\S+)$/.exec(directive ?? '')?.[1] ?? `block-${index + 1}.${language}`;
}

const folderOf = (document: string): string => document.replaceAll(/[/.]/g, '-');

/** The compiler's complaints about blocks of `ts` and `tsx`, with the document's line numbers; none if all is well. */
export async function typeFaults(snippets: readonly Snippet[]): Promise<readonly string[]> {
  const folder = temporaryDirectory();
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const places = new Map<string, Snippet>();
    const documents = [...new Set(snippets.map(({ document }) => document))];
    for (const document of documents) mkdirSync(join(folder, folderOf(document)));
    for (const [index, snippet] of snippets.entries()) {
      const name = `${folderOf(snippet.document)}/${nameOf(snippet, index)}`;
      if (places.has(name)) throw new Error(`${snippet.document}:${snippet.line}: there is a block ${name} already`);
      places.set(name, snippet);
      // On the line before the code, so that line numbers stay those of the block plus one.
      const preamble = /^preamble\s+([^]+)$/.exec(snippet.directive ?? '')?.[1]?.replaceAll(/\s*\n\s*/g, ' ') ?? '';
      writeFileSync(join(folder, name), `${preamble}\n${snippet.code}export {};\n`);
    }
    const config = {
      extends: join(root, 'tsconfig.test.json'),
      compilerOptions: { rootDir: '/', incremental: false },
      include: ['*/*.ts', '*/*.tsx'],
      exclude: ['node_modules'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const child = spawn(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    const faults = output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, name = '', row = '', rest] = /^(\S+)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
        const snippet = places.get(name);
        return snippet === undefined ? line : `${snippet.document}:${snippet.line + Number(row) - 1}: ${rest}`;
      });
    return code !== 0 && faults.length === 0 ? [`tsc ended with ${String(code)}`] : faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
