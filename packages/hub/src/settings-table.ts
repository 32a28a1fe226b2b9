// The one table of settings: name, meaning, what a value must look like. settings.ts reads values by it, the command
// makes its flags and its help from it. Knows neither the environment nor how settings depend on each other.

import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** One setting as text, before settings belong together. */
export interface SettingRule<Value = unknown> {
  /** Environment variable; the flag follows from it: `TELLTALE_DATA_DIR` is `--data-dir`. */
  readonly name: `TELLTALE_${string}`;
  readonly meaning: string;
  /** Completes "expected …". */
  readonly expected: string;
  readonly example: string;
  /** The default in words, for the help. */
  readonly otherwise: string;
  /** Never shown in a message. */
  readonly hidden?: true;
  readonly schema: z.ZodType<Value, string>;
}

/** Whether a text is an origin exactly as a browser sends it, so that comparing strings can ever match. */
export function isOrigin(text: string): boolean {
  if (!/^https?:\/\/[^/?#@\s*]+$/.test(text)) return false;
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}

/** Whether a host name or address (with or without brackets) can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host) || /^\[?::1\]?$/.test(host)
  );
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** Addresses and ranges as one list to ask. Entries must be as TELLTALE_TRUSTED_PROXIES wants them. */
export function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function listOf(isEntry: (entry: string) => boolean): z.ZodType<readonly string[], string> {
  return z
    .string()
    .transform((text) => text.split(',').map((entry) => entry.trim()))
    .refine((entries) => entries.every(isEntry))
    .readonly();
}

const text = (pattern: RegExp): z.ZodType<string, string> => z.string().regex(pattern);

/** What each setting is once read. */
export interface SettingValues {
  readonly mode: 'development' | 'production';
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly secret: string;
  readonly allowedOrigins: readonly string[];
  readonly allowHttp: boolean;
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly adminPassword: string;
  readonly trustedProxies: readonly string[];
  readonly metricsToken: string;
  readonly chatRate: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export type SettingKey = keyof SettingValues;

export const settingRules: { readonly [Key in SettingKey]: SettingRule<SettingValues[Key]> } = {
  mode: {
    name: 'TELLTALE_MODE',
    meaning: 'development listens on this machine and lets you look around; production asks for everything safe',
    expected: '"development" or "production"',
    example: 'production',
    otherwise: 'development',
    schema: z.string().pipe(z.enum(['development', 'production'])),
  },
  host: {
    name: 'TELLTALE_HOST',
    meaning: 'address or name to listen on',
    expected: 'a host name or an IP address',
    example: '0.0.0.0',
    otherwise: 'loopback in development, all addresses in production',
    schema: text(/^([a-zA-Z0-9]([a-zA-Z0-9.-]{0,252})|[0-9a-fA-F:.]{2,45})$/),
  },
  port: {
    name: 'TELLTALE_PORT',
    meaning: 'port to listen on; 0 takes a free one',
    expected: 'a whole number from 0 to 65535',
    example: '8000',
    otherwise: '8000',
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .refine((port) => port <= 65535),
  },
  dataDir: {
    name: 'TELLTALE_DATA_DIR',
    meaning: 'directory for accounts, what agents report and what the hub generates; made with mode 0700',
    expected: 'a path',
    example: '/var/lib/telltale',
    otherwise: '.telltale in the working directory',
    schema: text(/^[^\0]+$/),
  },
  secret: {
    name: 'TELLTALE_SECRET',
    meaning: 'shared secret of HS256 tokens',
    expected: 'at least 16 bytes, in production 32',
    example: '$(openssl rand -base64 48)',
    otherwise: 'generated in development and kept in the data directory',
    hidden: true,
    schema: z.string().refine((secret) => Buffer.byteLength(secret) >= 16),
  },
  allowedOrigins: {
    name: 'TELLTALE_ALLOWED_ORIGINS',
    meaning: "origins of pages that may connect, comma-separated; the first is the hub's own address",
    expected:
      'origins as a browser sends them: scheme, host, a port only if it is not the default; no path, slash, wildcard or upper case',
    example: 'https://ops.example.com',
    otherwise: 'none; required in production',
    schema: listOf(isOrigin),
  },
  allowHttp: {
    name: 'TELLTALE_ALLOW_HTTP',
    meaning: 'lets a page that is not on this machine connect without TLS in production; shown on the screen',
    expected: '"1" or "0"',
    example: '1',
    otherwise: '0',
    schema: text(/^[01]$/).transform((flag) => flag === '1'),
  },
  jwksUrl: {
    name: 'TELLTALE_JWKS_URL',
    meaning: 'public keys of another issuer, named by TELLTALE_ISSUER, whose tokens the hub takes beside its own',
    expected: 'an https URL, or http on loopback',
    example: 'https://id.example.com/.well-known/jwks.json',
    otherwise: 'no other issuer',
    schema: z.string().refine((value) => {
      if (!URL.canParse(value)) return false;
      const url = new URL(value);
      const plain = url.protocol === 'http:' && isLoopbackHost(url.hostname);
      return (url.protocol === 'https:' || plain) && url.username === '' && url.password === '';
    }),
  },
  issuer: {
    name: 'TELLTALE_ISSUER',
    meaning: '`iss` of tokens; with TELLTALE_JWKS_URL the issuer of those keys',
    expected: '1 to 256 characters without spaces',
    example: 'https://id.example.com',
    otherwise: 'telltale',
    schema: text(/^\S{1,256}$/),
  },
  audience: {
    name: 'TELLTALE_AUDIENCE',
    meaning: '`aud` of tokens',
    expected: '1 to 256 characters without spaces',
    example: 'telltale',
    otherwise: 'telltale',
    schema: text(/^\S{1,256}$/),
  },
  adminPassword: {
    name: 'TELLTALE_ADMIN_PASSWORD',
    meaning: 'creates the user admin at start, or resets its password',
    expected: '8 characters or more, at most 1,024 bytes',
    example: '(from your secret store)',
    otherwise: 'accounts stay as they are',
    hidden: true,
    schema: z.string().refine((password) => [...password].length >= 8 && Buffer.byteLength(password) <= 1024),
  },
  trustedProxies: {
    name: 'TELLTALE_TRUSTED_PROXIES',
    meaning: 'addresses or CIDR ranges, comma-separated, whose X-Forwarded-For is believed',
    expected: 'IP addresses or ranges, comma-separated',
    example: '127.0.0.1,10.0.0.0/8',
    otherwise: 'none',
    schema: listOf(isAddressRange),
  },
  metricsToken: {
    name: 'TELLTALE_METRICS_TOKEN',
    meaning: 'Bearer that reads /metrics from other machines',
    expected: '16 characters or more, without spaces',
    example: '$(openssl rand -hex 24)',
    otherwise: '/metrics answers to loopback only',
    hidden: true,
    schema: text(/^\S{16,512}$/),
  },
  chatRate: {
    name: 'TELLTALE_CHAT_RATE',
    meaning: 'messages one person may write in rooms per second on average; at once four times as many',
    expected: 'a whole number from 1 to 1000',
    example: '5',
    otherwise: '5',
    schema: z
      .string()
      .regex(/^\d{1,4}$/)
      .transform(Number)
      .refine((rate) => rate >= 1 && rate <= 1000),
  },
  logLevel: {
    name: 'TELLTALE_LOG_LEVEL',
    meaning: 'least level that is logged',
    expected: '"debug", "info", "warn", "error" or "silent"',
    example: 'info',
    otherwise: 'debug in development, info in production',
    schema: z.string().pipe(z.enum(['debug', 'info', 'warn', 'error', 'silent'])),
  },
};

/** Settings of what reports from a machine, which may be the hub's own: they stand in the same environment. */
export const machineVariables: readonly string[] = ['TELLTALE_AGENT_DIR', 'TELLTALE_MACHINE_ID'];

/** The flag of a setting, without the dashes in front: `data-dir`. */
export function flagOf(rule: SettingRule): string {
  return rule.name.slice('TELLTALE_'.length).toLowerCase().replaceAll('_', '-');
}
