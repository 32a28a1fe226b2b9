// The words of an examination, for the panel. Pure.

import { sentence } from '../../words/sentence.ts';
import { copyableLine } from './pill-model.ts';

/** The line that a person copies: doctor with the address of this page's own line, else what the cure names. */
export function lineToCopy(
  cure: string,
  { protocol, host, origin }: { readonly protocol: string; readonly host: string; readonly origin: string },
): string | undefined {
  if (!/\btelltale doctor\b/.test(cure)) return copyableLine(cure);
  return `telltale doctor ${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/ --origin ${origin}`;
}

/** What was found, as a sentence; one that begins with an address keeps it as it is written. */
export function asSentence(found: string): string {
  return /^[a-z]+:\/\//.test(found) ? `${found}.` : sentence(found);
}
