// Runs other programs for the scripts here: quiet unless they fail, killed with us. Knows nothing about any of them.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root; every script works from here, wherever it was called. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Something that went wrong and that its message explains to a person: printed without a stack. */
export class Fault extends Error {}

/**
 * Runs a program and collects what it prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, timeoutMs?: number }} [options] `show` prints as it goes
 *   instead; `timeoutMs` ends it by SIGKILL.
 * @returns {Promise<{ code: number, output: string }>} 127 if the program does not exist, 128 + n if signal n ended it.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: options.show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
      shell: process.platform === 'win32' && !command.endsWith('.exe'),
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal], output }));
  });
}

/** Runs a script of an installed package with this very Node. */
export function runNode(script, args, options) {
  return run(process.execPath, [join(root, script), ...args], options);
}

/** Runs npm: the one that started us, where there is one. */
export function runNpm(args, options) {
  const npm = process.env['npm_execpath'];
  return npm === undefined || !npm.endsWith('.js')
    ? run('npm', args, options)
    : run(process.execPath, [npm, ...args], options);
}

/** Calls a script's main function; a Fault becomes its sentence and exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    console.error(fault.message);
    process.exitCode = 1;
  }
}

/** Whether this module is the program that was started, not imported by another. */
export function isProgram(url) {
  return process.argv[1] !== undefined && fileURLToPath(url) === process.argv[1];
}
