// Keeps credentials out of everything that is printed, also where a server repeats them, whole or in part.

import { readToken } from '@telltale/protocol/token';

/** So many characters in a row are a part of a secret, fewer are a coincidence. */
const telling = 8;
/** A shorter secret is no secret, and hiding it would hide words. */
const shortest = 4;

/** Makes the function that hides these secrets, in every form in which they travel. */
export function createMask(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= shortest && !isPlaceholder(secret));
  const forms = [...new Set((known as readonly string[]).flatMap(formsOf))];
  const short = forms.filter((form) => form.length < telling);
  const pieces = new Set(forms.flatMap(piecesOf));
  return (text) => {
    let masked = '';
    let at = 0;
    while (at < text.length) {
      const end = endOfSecret(text, at, pieces);
      if (end === at) masked += text[at++];
      else {
        masked += '…';
        at = end;
      }
    }
    return short.reduce((all, form) => all.replaceAll(form, '…'), masked);
  };
}

/** Where the part of a secret that begins here ends; `at` itself if none begins. */
function endOfSecret(text: string, at: number, pieces: ReadonlySet<string>): number {
  let end = at;
  while (pieces.has(text.slice(Math.max(at, end - telling + 1), Math.max(at, end - telling + 1) + telling))) {
    end = end === at ? at + telling : end + 1;
  }
  return end;
}

function piecesOf(form: string): readonly string[] {
  return Array.from({ length: Math.max(0, form.length - telling + 1) }, (_, at) => form.slice(at, at + telling));
}

function formsOf(secret: string): readonly string[] {
  const decoded = decode(secret);
  return [secret, decoded, encodeURIComponent(decoded), Buffer.from(decoded).toString('base64').replace(/=+$/, '')];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `undefined` is no secret, and is what the person must read. */
function isPlaceholder(secret: string): boolean {
  const reading = readToken(secret);
  return reading.kind === 'broken' && reading.id === 'token-placeholder';
}
