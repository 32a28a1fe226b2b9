// `telltale doctor`: examines an address from here and says which hop is broken. Works against any WebSocket server and
// says more where a Telltale gateway answers. Reads the arguments and prints; what is examined is in doctor/.

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type Command, type CommandInput, UsageFault } from './command.ts';
import type { DoctorOptions } from './doctor/check.ts';
import { examine } from './doctor/examine.ts';
import { createMask } from './doctor/mask.ts';
import { linesOf, skippedLines, type Examined } from './doctor/report.ts';
import { readTarget, secretsIn, type Target } from './doctor/target.ts';
import { say, type Terminal } from './terminal.ts';

const places = ['query', 'protocol', 'header'] as const;

export const doctor: Command = {
  flags: [
    {
      name: 'origin',
      value: 'origin',
      meaning: 'of the page that connects, like https://ops.example.com; default: none',
    },
    { name: 'token', value: 'token', meaning: 'the credential; without it the one in the address is taken' },
    { name: 'token-file', value: 'file', meaning: 'reads it from a file: command lines can be read by everybody here' },
    {
      name: 'token-in',
      value: 'place',
      meaning: `where it travels: query, protocol or header\ndefault: protocol to a Telltale gateway, else query`,
    },
    { name: 'protocol', value: 'name', isRepeatable: true, meaning: 'a subprotocol to offer' },
    { name: 'direct', value: 'address', meaning: 'the same server without the proxy, like ws://127.0.0.1:8000' },
    { name: 'idle', meaning: 'also sees how long an idle connection lives, which takes minutes' },
    { name: 'idle-seconds', value: 'seconds', meaning: 'how long --idle watches; default: 180' },
    { name: 'sizes', meaning: 'also sends texts of 1 to 60 kB to a server that is no Telltale gateway' },
    { name: 'timeout', value: 'seconds', meaning: 'how long one step may take; default: 5' },
    { name: 'ca', value: 'file', meaning: 'certificates (PEM) to trust beside the well-known ones' },
    { name: 'resolver', value: 'address', meaning: 'the name server to ask; default: as programs of this machine do' },
    { name: 'json', meaning: 'prints one JSON object in place of lines' },
  ],
  notes: [
    'Each line begins with ✓, ! or ✗; the last line names the broken hop and the cure. Without --idle it takes at most',
    '30 seconds. Exit code: 0 all is well, 1 it connects and something is not as it should be, 2 it does not, or it was',
    'asked for wrongly. No credential is ever printed.',
    '',
    'JSON: {format: 1, address, exitCode, verdict: {level, id, hop?, sentence}, checks: [{name, findings: [{level,',
    'id?, hop?, found, cure?}], skipped?, tookMs}], tookMs}; level is pass, warn or fail. Ids stay the same.',
  ],
  async run(input, terminal) {
    const [text = ''] = input.positionals;
    const target = targetOf('<address>', text);
    const options = optionsOf(input, terminal);
    const hide = createMask([
      options.token,
      target.token,
      ...secretsIn(text),
      ...secretsIn(input.flags.get('direct') ?? ''),
    ]);
    // What a server says may hold signs that a terminal obeys.
    const mask = (line: string): string => hide(line).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
    const isJson = input.flags.has('json');
    const examined: Examined[] = [];
    const report = await examine({
      target,
      options,
      stepMs: secondsOf(input, 'timeout', 5) * 1000,
      ca: fileOf(input, terminal, 'ca'),
      resolver: resolverOf(input),
      onCheck(one) {
        examined.push(one);
        if (!isJson) for (const line of linesOf(one)) say(terminal, mask(line));
      },
    });
    if (isJson) {
      const masked = (_key: string, value: unknown): unknown => (typeof value === 'string' ? mask(value) : value);
      say(terminal, JSON.stringify(report, masked, 2));
    } else {
      for (const line of skippedLines(examined)) say(terminal, mask(line));
      say(terminal, `\n${mask(report.verdict.sentence)}`);
    }
    return report.exitCode;
  },
};

function targetOf(what: string, text: string): Target {
  const target = readTarget(text);
  if ('fault' in target) throw new UsageFault(`${what}: ${target.fault}`);
  return target;
}

function optionsOf(input: CommandInput, terminal: Terminal): DoctorOptions {
  const { flags, lists } = input;
  const direct = flags.get('direct');
  const given = flags.get('token');
  const file = fileOf(input, terminal, 'token-file');
  if (given !== undefined && file !== undefined)
    throw new UsageFault('--token and --token-file are both given: give one');
  return {
    origin: originOf(flags.get('origin')),
    token: given ?? file?.trim(),
    tokenIn: tokenPlaceOf(flags.get('token-in')),
    protocols: protocolsOf(lists.get('protocol') ?? []),
    direct: direct === undefined ? undefined : targetOf('--direct', direct),
    idleMs: flags.has('idle') ? secondsOf(input, 'idle-seconds', 180) * 1000 : undefined,
    triesSizes: flags.has('sizes'),
  };
}

/** Exactly what a browser sends: anything else would be refused for a reason that no page has. */
function originOf(text: string | undefined): string | undefined {
  if (text === undefined || text === 'null') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageFault(`--origin: found ${JSON.stringify(text)}, expected an origin such as https://ops.example.com`);
  }
  if (url.origin === text) return text;
  throw new UsageFault(`--origin: found ${JSON.stringify(text)}, a browser sends ${url.origin}`);
}

function tokenPlaceOf(text: string | undefined): (typeof places)[number] | undefined {
  if (text === undefined) return undefined;
  const place = places.find((name) => name === text);
  if (place === undefined)
    throw new UsageFault(`--token-in: found ${JSON.stringify(text)}, expected ${places.join(', ')}`);
  return place;
}

function protocolsOf(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name));
  if (wrong === undefined) return names;
  throw new UsageFault(`--protocol: found ${JSON.stringify(wrong)}, expected a word such as chat.v1`);
}

function secondsOf({ flags }: CommandInput, name: string, otherwise: number): number {
  const text = flags.get(name);
  if (text === undefined) return otherwise;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new UsageFault(`--${name}: found ${JSON.stringify(text)}, expected seconds above 0`);
}

function resolverOf({ flags }: CommandInput): string | undefined {
  const text = flags.get('resolver');
  if (text === undefined) return undefined;
  const host = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
  if (isIP(host) !== 0) return text;
  throw new UsageFault(
    `--resolver: found ${JSON.stringify(text)}, expected an address such as 9.9.9.9 or 127.0.0.1:5353`,
  );
}

function fileOf({ flags }: CommandInput, { directory }: Terminal, name: string): string | undefined {
  const path = flags.get(name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(resolve(directory, path), 'utf8');
  } catch (error) {
    throw new UsageFault(`--${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
