// `telltale agent enrol`, `list` and `revoke`: what an administrator does about agents beside the hub, on its database. A
// hub that runs takes note within a second.

import { hostname } from 'node:os';
import { hubUrl } from '@telltale/agent/process';
import {
  agentNameRule,
  createEnrolmentIn,
  enrolmentLine,
  hubVersion,
  isAgentName,
  listAgents,
  readPackedCommand,
  revokeAgent,
  StartFault,
  type Storage,
} from '@telltale/hub';
import { type Command, type CommandInput, UsageFault } from './command.ts';
import { openExistingStorage } from './existing-storage.ts';
import { settingFlags, settingsOf } from './setting-flags.ts';
import { say, type Terminal } from './terminal.ts';

const keys = ['dataDir', 'port', 'allowedOrigins'] as const;

async function withStorage<Result>(
  input: CommandInput,
  terminal: Terminal,
  errand: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await openExistingStorage(settingsOf(input, terminal, ['dataDir']).dataDir);
  try {
    return await errand(storage);
  } finally {
    await storage.close();
  }
}

/** Where machines find the hub: as they are told, else its own page's address, else this machine's name. */
function addressOf(input: CommandInput, terminal: Terminal): string {
  const given = input.flags.get('hub');
  if (given !== undefined) {
    const url = hubUrl(given);
    if (url !== undefined) return url.href.replace(/\/$/, '');
    throw new UsageFault(`--hub: found ${JSON.stringify(given)}, expected an address like https://ops.example.com`);
  }
  const { allowedOrigins, port } = settingsOf(input, terminal, keys);
  return allowedOrigins[0] ?? `http://${hostname()}:${port}`;
}

export const enrol: Command = {
  flags: [
    { name: 'name', value: 'name', meaning: 'what the agent will be called; default: the machine says' },
    {
      name: 'hub',
      value: 'url',
      meaning: "where machines find this hub; default: its first allowed origin, else this machine's name",
    },
    ...settingFlags(keys),
  ],
  notes: [
    'The token in the line is good once, for one hour, and not shown again.',
    'With the name of an agent that exists, the line moves that agent to the machine it is pasted on.',
  ],
  async run(input, terminal) {
    const name = input.flags.get('name') ?? null;
    if (name !== null && !isAgentName(name)) {
      throw new UsageFault(`--name: found ${JSON.stringify(name)}, expected ${agentNameRule}`);
    }
    const address = addressOf(input, terminal);
    const made = await withStorage(input, terminal, (storage) =>
      createEnrolmentIn(storage, { name, createdBy: 'telltale agent enrol', now: Date.now() }),
    );
    if (made === undefined) {
      throw new StartFault(['Too many enrolment tokens wait for their machine: use them, or wait an hour.']);
    }
    say(terminal, 'Paste this line on the machine that is to report, within an hour:');
    say(terminal, '');
    say(terminal, `  ${enrolmentLine({ hubUrl: address, version: hubVersion, token: made.token, name })}`);
    say(terminal, '');
    const packed = readPackedCommand(hubVersion);
    if (packed !== undefined)
      say(terminal, `SHA-256 of what it fetches from a hub of this installation: ${packed.sha256}`);
    say(terminal, 'Where the command is installed, "telltale agent" with the same flags does the same.');
    return 0;
  },
};

export const list: Command = {
  flags: settingFlags(['dataDir']),
  async run(input, terminal) {
    const now = Date.now();
    const agents = await withStorage(input, terminal, (storage) => listAgents(storage, now));
    if (agents.length === 0) say(terminal, 'No agents yet');
    const width = Math.max(8, ...agents.map(({ name }) => name.length));
    for (const { name, state, lastSeenAt, version, title } of agents) {
      const seen = lastSeenAt === null ? 'never seen' : `seen ${new Date(lastSeenAt).toISOString().slice(0, 19)}Z`;
      const words = state === 'never-seen' ? 'waiting' : state;
      say(
        terminal,
        [name.padEnd(width), words.padEnd(9), seen.padEnd(25), version.padEnd(8), title].join('  ').trimEnd(),
      );
    }
    return 0;
  },
};

export const revoke: Command = {
  flags: settingFlags(['dataDir']),
  async run(input, terminal) {
    const [name = ''] = input.positionals;
    const outcome = await withStorage(input, terminal, (storage) => revokeAgent(storage, name, Date.now()));
    if (outcome === 'missing') {
      throw new StartFault([`There is no agent ${JSON.stringify(name)}: "telltale agent list" shows all.`]);
    }
    say(
      terminal,
      outcome === 'revoked' ? `Revoked ${name}; its line ends within two seconds` : `${name} was revoked before`,
    );
    return 0;
  },
};
