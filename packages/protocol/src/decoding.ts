// What both directions' decoders share: checks on unknown values, and the shape of what they answer.

/** A frame that was understood, or what was wrong with it. */
export type Decoded<Frame> =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Not JSON, or not an object: whoever sent it does not speak this protocol. */
  | { readonly kind: 'unparsable'; readonly reason: string }
  /** A JSON object that is no valid frame; `id` if it carried one. */
  | { readonly kind: 'invalid'; readonly reason: string; readonly id?: number };

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A frame's `id`: an integer from 0 that matches an answer to a request within one session. */
export function isRequestId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Says briefly what a value is, for `found …, expected …`. Never shows more than 40 characters of it. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** Reads a text as one JSON object. */
export function parseObject(text: string): Fields | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `found ${describe(text)}, expected one JSON object`;
  }
  return isFields(value) ? value : `found ${describe(value)}, expected one JSON object`;
}
