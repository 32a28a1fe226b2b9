// Which agent of this machine is meant, by flags and environment: one that was enrolled before, or that is enrolled now.
// What stands in the way is said with what to do.

import { agentsDirectory, enrol, findPlace, hubUrl, isAgentName, type Place } from '@telltale/agent/process';
import { StartFault } from '@telltale/hub/start-fault';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type CommandInput, UsageFault } from './command.ts';
import { complain, say, type Terminal } from './terminal.ts';

/** Finds the agent, or enrols it. Throws a UsageFault for wrong flags, a StartFault for what cannot be done. */
export async function placeFor({ flags }: CommandInput, terminal: Terminal): Promise<Place> {
  const { env } = terminal;
  const name = flags.get('name');
  if (name !== undefined && !isAgentName(name)) {
    throw new UsageFault(`--name: found ${JSON.stringify(name)}, expected 1 to 64 of a-z, 0-9, ".", "_" and "-"`);
  }
  const hub = flags.get('hub');
  if (hub !== undefined && hubUrl(hub) === undefined) {
    throw new UsageFault(`--hub: found ${JSON.stringify(hub)}, expected an address like https://ops.example.com`);
  }
  const directory = resolve(terminal.directory, flags.get('dir') ?? agentsDirectory(env));
  const token = flags.get('enrol');
  const place =
    token === undefined
      ? enrolledPlace({ directory, name, env })
      : await newPlace({ directory, name, env, hub, token }, terminal);
  if (token === undefined && hub !== undefined) return { ...place, hub: hubUrl(hub)?.href.replace(/\/$/, '') ?? hub };
  return place;
}

interface Wanted {
  readonly directory: string;
  readonly name: string | undefined;
  readonly env: Terminal['env'];
}

function enrolledPlace({ directory, name, env }: Wanted): Place {
  const found = findPlace({ directory, agent: name, env });
  switch (found.kind) {
    case 'found':
      return found.place;
    case 'several':
      throw new UsageFault(`This machine has the agents ${found.agents.join(', ')}: say which one with --name`);
    case 'unreadable':
      throw new StartFault([found.reason]);
    case 'none':
      throw new StartFault([
        `${name === undefined ? 'No agent' : `No agent ${name}`} has been enrolled in ${directory}.`,
        'An administrator of the hub gets the line to paste here on the Agents page, or by "telltale agent enrol" beside the hub.',
      ]);
  }
}

async function newPlace(
  { directory, name, env, hub, token }: Wanted & { readonly hub: string | undefined; readonly token: string },
  terminal: Terminal,
): Promise<Place> {
  if (hub === undefined)
    throw new UsageFault('--enrol needs --hub: say where the hub is, like --hub https://ops.example.com');
  if (!/^ten_[\w-]{43}$/.test(token)) {
    // Not shown: it may be a good one with a letter too many.
    throw new UsageFault(
      `--enrol: found ${token.length} characters, expected a token that begins with "ten_" and has 47`,
    );
  }
  const outcome = await enrol({ hub, token, name, directory, env });
  switch (outcome.kind) {
    case 'enrolled': {
      const { agent, directory: own } = outcome.place;
      say(terminal, `Enrolled this machine as agent ${agent}; its credential is in ${own}, for this user alone`);
      if (isInTheClear(outcome.place.hub)) {
        complain(
          terminal,
          `The line to ${outcome.place.hub} is not encrypted: who is on the way can read the credential`,
        );
      }
      return outcome.place;
    }
    case 'enrolled-before':
      say(terminal, `This machine was enrolled with this token before, as agent ${outcome.place.agent}`);
      return outcome.place;
    case 'refused':
      throw new StartFault([outcome.message, outcome.hint].filter((text) => text !== ''));
    case 'unreachable':
      throw new StartFault([
        `Not enrolled: ${outcome.reason}.`,
        'Try the same line again; if the hub says then that its token was used, ask for another.',
      ]);
    case 'unusable':
      throw new StartFault([`Not enrolled: ${outcome.reason}.`]);
  }
}

function isInTheClear(hub: string): boolean {
  const { protocol, hostname } = new URL(hub);
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
  return protocol === 'http:' && !isLoopback;
}
