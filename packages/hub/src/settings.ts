// Settings of a hub: environment, then flags, validated once, all faults told together. Called by the
// command and by whoever embeds a hub; the only place that knows which settings production insists on.

import { resolve } from 'node:path';
import { closest } from './closest.ts';
import {
  flagOf,
  isLoopbackHost,
  machineVariables,
  type SettingKey,
  type SettingRule,
  settingRules,
  type SettingValues,
} from './settings-table.ts';

export type Mode = 'development' | 'production';

/** What a hub runs with, complete and consistent. */
export interface Settings {
  readonly mode: Mode;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Absent in development: generated and kept in the data directory. */
  readonly secret: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly allowHttp: boolean;
  /** Expected `iss` and `aud` of tokens signed with the secret. */
  readonly issuer: string;
  readonly audience: string;
  /** Another issuer, checked by its public keys. */
  readonly jwks: { readonly url: string; readonly issuer: string; readonly audience: string } | undefined;
  readonly adminPassword: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly metricsToken: string | undefined;
  /** Messages one person may write in rooms, per second. */
  readonly chatRate: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export type SettingsResult =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

export interface SettingsSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values of flags by setting; each wins over the environment. */
  readonly flags?: Partial<Record<SettingKey, string>>;
  /** Where a relative data directory starts. Default: the working directory. */
  readonly directory?: string;
  /** Flags of Node itself, searched for an open debugger in production. Default `process.execArgv`. */
  readonly nodeFlags?: readonly string[];
}

type Values = Partial<SettingValues>;

function shown(rule: SettingRule, value: string): string {
  if (rule.hidden) return `${Buffer.byteLength(value)} bytes`;
  return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
}

function unknownSettings(env: SettingsSource['env']): string[] {
  const names = Object.values(settingRules).map((rule) => rule.name as string);
  return (
    Object.keys(env)
      // TELLTALE_TEST_… steers the tests, and reaches the hubs they start.
      .filter((name) => /^TELLTALE_(?!TEST_)/.test(name) && ![...names, ...machineVariables].includes(name))
      .map((name) => {
        const meant = closest(name, names);
        return `${name} is not a setting of Telltale: ${meant === undefined ? 'unset it; telltale start --help lists them all' : `did you mean ${meant}?`}`;
      })
  );
}

/** What keeps production from starting, one sentence each. */
export function productionFaults(values: Values, nodeFlags: readonly string[], nodeOptions: string): string[] {
  const faults: string[] = [];
  if (values.secret === undefined) {
    faults.push(
      'TELLTALE_SECRET is missing: production needs a shared secret of at least 32 bytes, for example from "openssl rand -base64 48"',
    );
  } else if (Buffer.byteLength(values.secret) < 32) {
    faults.push(
      `TELLTALE_SECRET: found ${Buffer.byteLength(values.secret)} bytes, expected at least 32 in production, for example from "openssl rand -base64 48"`,
    );
  } else if (new Set(values.secret).size < 10) {
    faults.push(
      `TELLTALE_SECRET: found only ${new Set(values.secret).size} different characters, expected a random text, for example from "openssl rand -base64 48"`,
    );
  }
  const origins = values.allowedOrigins ?? [];
  if (origins.length === 0) {
    faults.push(
      "TELLTALE_ALLOWED_ORIGINS is missing: production needs the origins of its pages, the hub's own first, for example https://ops.example.com",
    );
  }
  for (const origin of origins) {
    const url = new URL(origin);
    if (url.protocol === 'http:' && !isLoopbackHost(url.hostname) && values.allowHttp !== true) {
      faults.push(
        `TELLTALE_ALLOWED_ORIGINS: found "${origin}" without TLS, expected https; set TELLTALE_ALLOW_HTTP=1 only where the network itself is trusted`,
      );
    }
  }
  if (nodeFlags.some((flag) => flag.startsWith('--inspect')) || nodeOptions.includes('--inspect')) {
    faults.push(
      '--inspect opens a debugger: production does not start with one; remove it from the command or NODE_OPTIONS',
    );
  }
  return faults;
}

/** Reads and checks every setting. All faults come back together, one sentence each, secrets never shown. */
export function readSettings(source: SettingsSource): SettingsResult {
  const { env, flags = {}, directory = process.cwd(), nodeFlags = process.execArgv } = source;
  const faults = unknownSettings(env);
  const values: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(settingRules) as [SettingKey, SettingRule][]) {
    const flag = flags[key];
    // An empty variable is how compose files and units say "not set".
    const value = flag ?? (env[rule.name] === '' ? undefined : env[rule.name]);
    if (value === undefined) continue;
    const parsed = rule.schema.safeParse(value);
    if (parsed.success) values[key] = parsed.data;
    else {
      const place = flag === undefined ? rule.name : `--${flagOf(rule)}`;
      faults.push(`${place}: found ${shown(rule, value)}, expected ${rule.expected}, for example ${rule.example}`);
    }
  }
  const read = values as Values;
  // A mode that could not be read counts as production here: its other faults are told in the same breath.
  const mode = read.mode ?? ((flags.mode ?? env['TELLTALE_MODE'] ?? '') === '' ? 'development' : 'production');
  if (mode === 'production') {
    const told = (fault: string): boolean =>
      faults.some((other) => other.split(':')[0] === fault.split(/:| is missing/)[0]);
    faults.push(...productionFaults(read, nodeFlags, env['NODE_OPTIONS'] ?? '').filter((fault) => !told(fault)));
  }
  if (read.jwksUrl !== undefined && read.issuer === undefined) {
    faults.push(
      'TELLTALE_ISSUER is missing: TELLTALE_JWKS_URL needs the `iss` its tokens carry, for example https://id.example.com',
    );
  }
  if (faults.length > 0) return { kind: 'faults', faults };
  const jwks =
    read.jwksUrl === undefined
      ? undefined
      : { url: read.jwksUrl, issuer: read.issuer ?? '', audience: read.audience ?? 'telltale' };
  return {
    kind: 'settings',
    settings: {
      mode,
      host: read.host ?? (mode === 'development' ? 'localhost' : '0.0.0.0'),
      port: read.port ?? 8000,
      dataDir: resolve(directory, read.dataDir ?? '.telltale'),
      secret: read.secret,
      allowedOrigins: read.allowedOrigins ?? [],
      allowHttp: read.allowHttp ?? false,
      // Keys of two kinds never share an issuer: with other keys configured, our own logins stay `telltale`.
      issuer: jwks === undefined ? (read.issuer ?? 'telltale') : 'telltale',
      audience: jwks === undefined ? (read.audience ?? 'telltale') : 'telltale',
      jwks,
      adminPassword: read.adminPassword,
      trustedProxies: read.trustedProxies ?? [],
      metricsToken: read.metricsToken,
      chatRate: read.chatRate ?? 5,
      logLevel: read.logLevel ?? (mode === 'development' ? 'debug' : 'info'),
    },
  };
}
