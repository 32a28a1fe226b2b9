// Settings as flags: every setting of the hub is one, and commands that need only some of them take those.

import {
  flagOf,
  readSettings,
  type SettingKey,
  type SettingRule,
  type Settings,
  settingRules,
  StartFault,
} from '@telltale/hub';
import { type CommandInput, type Flag, UsageFault } from './command.ts';
import type { Terminal } from './terminal.ts';

const all = Object.keys(settingRules) as SettingKey[];

/** Settings that are no flags: a password on a command line can be read by every user of the machine. */
export const environmentOnly: readonly SettingKey[] = ['adminPassword'];

/** The flags of these settings. */
export function settingFlags(
  keys: readonly SettingKey[] = all.filter((key) => !environmentOnly.includes(key)),
): readonly Flag[] {
  return keys.map((key) => {
    const rule: SettingRule = settingRules[key];
    const name = flagOf(rule);
    // A secret on a command line can be listed by every user of the machine.
    const aside = rule.hidden ? ` (better by ${rule.name})` : '';
    const values = key === 'allowHttp' ? {} : { value: 'value' };
    return { name, ...values, meaning: `${rule.meaning}${aside}\n${rule.name}; default: ${rule.otherwise}` };
  });
}

/**
 * Settings by environment and flags. With `keys`, only these are read: a command beside a production hub does not need
 * what the hub needs. Throws a UsageFault if a flag is wrong, else a StartFault.
 */
export function settingsOf(input: CommandInput, terminal: Terminal, keys?: readonly SettingKey[]): Settings {
  const names = keys?.map((key) => settingRules[key].name as string);
  const env =
    names === undefined
      ? terminal.env
      : Object.fromEntries(Object.entries(terminal.env).filter(([name]) => names.includes(name)));
  const flags: Partial<Record<SettingKey, string>> = {};
  for (const key of keys ?? all) {
    const value = input.flags.get(flagOf(settingRules[key]));
    if (value !== undefined) flags[key] = value;
  }
  const result = readSettings({ env, flags, directory: terminal.directory });
  if (result.kind === 'settings') return result.settings;
  if (result.faults.some((fault) => fault.startsWith('--'))) throw new UsageFault(result.faults.join('\n'));
  throw new StartFault(result.faults);
}
