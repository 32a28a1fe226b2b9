// What an agent says of itself by the method `agent.status`: the shape, its bounds, and what is kept of it. The one door
// for its texts.

import { mostLogFiles } from '@telltale/agent';
import type { StandardSchema } from '@telltale/gateway';
import { isChannelPart, longestChannelPart } from '@telltale/protocol';
import { z } from 'zod';
import { plainText } from '../plain-text.ts';
import type { AgentDescription, LogFile } from './agent-registry.ts';

/** Longest title of a machine, in characters. */
export const mostTitle = 256;
/** Characters of the title of a log file: all of them stand in one row of a table. */
const mostFileTitle = 512;

export interface AgentStatus extends AgentDescription {
  /** Its clock minus the hub's. */
  readonly clockOffsetMs: number;
  /** Age of the oldest thing it has not sent yet. */
  readonly behindMs: number;
  readonly spooledBytes: number;
  readonly files: readonly LogFile[];
}

const text = (mostCharacters: number): z.ZodType<string> =>
  z.string().transform((given) => plainText(given, mostCharacters));
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
// It stands in addresses too, where two dots would mean something.
const file = z
  .string()
  .refine(
    (name) => isChannelPart(name) && !/^\.+$/.test(name),
    `expected 1 to ${longestChannelPart} characters of a-z, 0-9, ".", "_", "-"`,
  );

export const agentStatus: StandardSchema<AgentStatus> = z.strictObject({
  version: text(64),
  title: text(mostTitle),
  platform: text(256),
  cores: z.number().int().min(0).max(65_536),
  clockOffsetMs: z.number().min(-8.64e15).max(8.64e15),
  behindMs: amount,
  spooledBytes: amount,
  files: z
    .array(z.strictObject({ file, title: text(mostFileTitle) }))
    .max(mostLogFiles)
    .refine((files) => new Set(files.map((one) => one.file)).size === files.length, 'expected each file once'),
}) as unknown as StandardSchema<AgentStatus>;

/**
 * The log files of an agent after it has told of some: these, then the ones of before as far as there is room, since
 * what they held can still be read, and a spool may hold more of it.
 */
export function withFiles(before: readonly LogFile[], told: readonly LogFile[]): readonly LogFile[] {
  const names = new Set(told.map((one) => one.file));
  return [...told, ...before.filter((one) => !names.has(one.file))].slice(0, mostLogFiles);
}

/** Whether a version is older than another by at least a minor one; one that is no version of ours is never too old. */
export function isOlderByMinor(version: string, than: string): boolean {
  const [one, other] = [parts(version), parts(than)];
  if (one === undefined || other === undefined) return false;
  return one.major < other.major || (one.major === other.major && one.minor < other.minor);
}

function parts(version: string): { major: number; minor: number } | undefined {
  const [found, major, minor] = /^v?(\d{1,6})\.(\d{1,6})\.\d{1,6}(?:[-+].*)?$/.exec(version) ?? [];
  return found === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}
