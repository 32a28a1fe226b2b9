// What tells this machine from others. It comes from what the system itself calls unique, never leaves as that, and is
// the same after every restart. A credential is pinned to it; SECURITY.md says what that does not catch.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

/** 43 characters of `[A-Za-z0-9_-]`. `TELLTALE_MACHINE_ID` stands for the machine's own where that says nothing. */
export function machineFingerprint(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env['TELLTALE_MACHINE_ID'];
  const id = named !== undefined && named !== '' ? named : (machineId() ?? lastResort());
  // With a word of our own in front: the id itself is meant for this machine alone.
  return createHash('sha256').update(`telltale-agent:${id}`).digest('base64url');
}

function machineId(): string | undefined {
  switch (process.platform) {
    case 'darwin':
      return /"IOPlatformUUID" = "([^"]+)"/.exec(answerOf('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']))?.[1];
    case 'win32':
      return /MachineGuid\s+REG_SZ\s+(\S+)/.exec(
        answerOf('reg', ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid']),
      )?.[1];
    default:
      return fileOf('/etc/machine-id') ?? fileOf('/var/lib/dbus/machine-id');
  }
}

function fileOf(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    // An image that is to be started many times says `uninitialized`.
    return /^[0-9a-f]{32}$/i.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function answerOf(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** Name and network cards: what a machine without an id of its own has left. */
function lastResort(): string {
  const cards = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ mac }) => mac)
    .filter((mac) => mac !== '00:00:00:00:00:00');
  return [hostname(), ...new Set(cards)].sort().join(' ');
}
