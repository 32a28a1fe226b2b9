// Certificates for the zoo, made when they are needed: of a known or unknown authority, for this or another name, for any
// span of time. X.509 version 3 with ECDSA, written in DER by hand, so that no test waits for another program.

import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export interface Identity {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Identity {
  /** Signs a certificate for names of hosts. */
  sign(options: {
    readonly names: readonly string[];
    /** Days from now; default: from a day ago, for 90. */
    readonly fromDays?: number;
    readonly toDays?: number;
  }): Identity;
}

const dayMs = 86_400_000;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = (text: string): Buffer =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))));

/** GeneralizedTime, which every year has. */
function time(ms: number): Buffer {
  return der(0x18, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
}

function extension(id: Buffer, value: Buffer, isCritical = false): Buffer {
  return sequence(id, ...(isCritical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

interface Parts {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly fromMs: number;
  readonly toMs: number;
  readonly names: readonly string[];
  readonly isAuthority: boolean;
}

function certificate({ subject, issuer, publicKey, signingKey, fromMs, toMs, names, isAuthority }: Parts): string {
  const serial = randomBytes(8);
  serial[0] = 0x01;
  const alternatives = sequence(...names.map((name) => der(0x82, Buffer.from(name))));
  const extensions = [
    extension(oid(0x55, 0x1d, 0x13), sequence(...(isAuthority ? [der(0x01, Buffer.from([0xff]))] : [])), true),
    ...(names.length === 0 ? [] : [extension(oid(0x55, 0x1d, 0x11), alternatives)]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(fromMs), time(toMs)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = createSign('sha256').update(body).sign(signingKey);
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const newKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

export function createAuthority(name: string): Authority {
  const own = newKeys();
  const now = Date.now();
  const cert = certificate({
    subject: name,
    issuer: name,
    publicKey: own.publicKey,
    signingKey: own.privateKey,
    fromMs: now - 400 * dayMs,
    toMs: now + 400 * dayMs,
    names: [],
    isAuthority: true,
  });
  return {
    cert,
    key: pem(own.privateKey),
    sign({ names, fromDays = -1, toDays = 90 }) {
      const { publicKey, privateKey } = newKeys();
      const leaf = certificate({
        subject: names[0] ?? 'nobody',
        issuer: name,
        publicKey,
        signingKey: own.privateKey,
        fromMs: now + fromDays * dayMs,
        toMs: now + toDays * dayMs,
        names,
        isAuthority: false,
      });
      return { cert: leaf, key: pem(privateKey) };
    },
  };
}

/** A certificate that its own key has signed. */
export function selfSigned(names: readonly string[]): Identity {
  const { publicKey, privateKey } = newKeys();
  const subject = names[0] ?? 'nobody';
  const now = Date.now();
  const parts = { subject, issuer: subject, publicKey, signingKey: privateKey, names, isAuthority: false };
  return { cert: certificate({ ...parts, fromMs: now - dayMs, toMs: now + 90 * dayMs }), key: pem(privateKey) };
}
