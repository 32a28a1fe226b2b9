// `telltale token`: mints an access token with the hub's secret, for programs that publish or read.

import { mintToken, resolveSecret, StartFault } from '@telltale/hub';
import { isScope } from '@telltale/protocol';
import { type Command, UsageFault } from './command.ts';
import { openExistingStorage } from './existing-storage.ts';
import { settingFlags, settingsOf } from './setting-flags.ts';
import { say } from './terminal.ts';

const keys = ['dataDir', 'secret', 'issuer', 'audience', 'jwksUrl'] as const;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a life like `90s`, `15m`, `12h` or `30d`; undefined if it is none, or longer than a year. */
export function readLife(text: string): number | undefined {
  const [, amount = '', unit = 's'] = /^(\d{1,8})([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(amount) * (unitSeconds[unit === '' ? 's' : unit] ?? 0);
  return seconds > 0 && seconds <= 366 * 86_400 ? seconds : undefined;
}

export const token: Command = {
  flags: [
    { name: 'sub', value: 'subject', meaning: 'whose token it is; a user of this name decides about its rights' },
    { name: 'scope', value: 'scope', meaning: 'viewer, operator or admin; default: viewer' },
    { name: 'ttl', value: 'time', meaning: 'how long it lives, like 90s, 15m, 12h or 30d; default: 1h' },
    { name: 'name', value: 'text', meaning: 'a name for people; default: none' },
    ...settingFlags(keys),
  ],
  async run(input, terminal) {
    const subject = input.flags.get('sub');
    if (subject === undefined) throw new UsageFault('--sub is missing: say whose token it is, like --sub build-server');
    if (subject.length > 256) throw new UsageFault(`--sub: found ${subject.length} characters, expected at most 256`);
    const scope = input.flags.get('scope') ?? 'viewer';
    if (!isScope(scope)) {
      throw new UsageFault(`--scope: found ${JSON.stringify(scope)}, expected viewer, operator or admin`);
    }
    const life = input.flags.get('ttl') ?? '1h';
    const seconds = readLife(life);
    if (seconds === undefined) {
      throw new UsageFault(
        `--ttl: found ${JSON.stringify(life)}, expected a time up to 366d, like 90s, 15m, 12h or 30d`,
      );
    }
    const settings = settingsOf(input, terminal, keys);
    if (settings.secret === undefined && terminal.env['TELLTALE_MODE'] === 'production') {
      throw new StartFault([
        'TELLTALE_SECRET is missing: in production tokens are signed with the secret that is set.',
      ]);
    }
    let { secret } = settings;
    if (secret === undefined) {
      const storage = await openExistingStorage(settings.dataDir);
      secret = await resolveSecret(settings, storage);
      await storage.close();
    }
    const issuedAt = Math.floor(Date.now() / 1000);
    const { issuer, audience } = settings;
    const claims = { issuer, audience, subject, scope, name: input.flags.get('name'), issuedAt };
    say(terminal, mintToken({ ...claims, expiresAt: issuedAt + seconds }, secret));
    return 0;
  },
};
