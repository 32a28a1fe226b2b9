// Which load generator measures: the one in C, compiled once where there is a compiler, else its twin for Node.

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, root, run } from '../../scripts/run.mjs';
import { benchFolder, findProgram } from './processes.mjs';

const sources = join(benchFolder, 'load');

/**
 * How to start the generator.
 *
 * @param {'c' | 'node'} [wanted] default: what the machine can
 * @returns {Promise<{ name: string, command: string, args: readonly string[] }>}
 */
export async function generator(wanted) {
  const compiler = findProgram('cc');
  if (wanted === 'node' || (wanted === undefined && compiler === undefined)) {
    return { name: 'Node', command: process.execPath, args: [join(sources, 'load.mjs')] };
  }
  if (compiler === undefined) throw new Fault('Found no C compiler `cc` for the load generator.');
  return { name: 'C', command: await compiled(compiler), args: [] };
}

async function compiled(compiler) {
  const binary = join(root, '.cache/bench/load');
  const files = readdirSync(sources).filter((name) => /\.[ch]$/.test(name));
  const newest = Math.max(...files.map((name) => statSync(join(sources, name)).mtimeMs));
  if (existsSync(binary) && statSync(binary).mtimeMs > newest) return binary;
  mkdirSync(join(root, '.cache/bench'), { recursive: true });
  const parts = files.filter((name) => name.endsWith('.c')).map((name) => join(sources, name));
  const args = ['-O2', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', '-o', binary, ...parts];
  const { code, output } = await run(compiler, args);
  if (code !== 0) throw new Fault(`The load generator does not compile:\n${output.trim()}`);
  return binary;
}
