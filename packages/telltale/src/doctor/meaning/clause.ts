// Texts as parts of one sentence, and texts of others made fit to be shown.

export { span } from '@telltale/protocol/explain';

/** Sentences of an explanation as one clause: no capital at the start, no full stop, semicolons between. */
export function asClause(text: string): string {
  const sentences = text
    .trim()
    .split(/(?<=[a-z0-9)"`])\.\s+(?=[A-Z])/)
    .map(lowerFirst);
  return sentences.join('; ').replace(/[.\s]+$/, '');
}

/** A clause as a sentence. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The beginning of a text that came from outside, on one line, quoted. */
export function excerpt(text: string, length = 80): string {
  const line = text
    .replaceAll(/<(?:script|style)\b[^]*?(?:<\/(?:script|style)>|$)/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\s\u2028\u2029]+/gu, ' ')
    .trim();
  return line.length > length ? `"${line.slice(0, length)}…"` : `"${line}"`;
}

/** A few milliseconds as a person reads them. */
export function shownMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

function lowerFirst(text: string): string {
  // An abbreviation or a setting keeps its capitals.
  return /^[A-Z][a-z' ]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}
