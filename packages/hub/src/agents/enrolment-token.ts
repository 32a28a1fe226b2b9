// The token with which one machine becomes an agent: how it is made, what is stored of it, and the line that is pasted on
// the machine. The hub and the command beside it make the same.

import { createHash, randomBytes } from 'node:crypto';
import { downloadPath } from '../http/download.ts';

/** How long an enrolment waits for its machine. */
export const enrolmentMs: number = 3_600_000;

/** A new token; shown once, stored nowhere. */
export function newEnrolmentToken(): string {
  return `ten_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a token. It has 256 random bits, so that a plain hash is enough. */
export function enrolmentHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** What an enrolment is called where everybody may read it: of its token it tells nothing. */
export function enrolmentId(token: string): string {
  return enrolmentHash(token).slice(0, 22);
}

/** As one word of a POSIX shell: quoted where need be, as the brackets of an IPv6 address are. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The line to paste on the machine. */
export function enrolmentLine(parts: { hubUrl: string; version: string; token: string; name: string | null }): string {
  const { hubUrl, version, token, name } = parts;
  const named = name === null ? '' : ` --name ${name}`;
  const packed = shellWord(hubUrl + downloadPath(version));
  return `npx --yes ${packed} agent --hub ${shellWord(hubUrl)} --enrol ${token}${named}`;
}
