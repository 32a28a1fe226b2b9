// Where one stands in a channel's log. On the wire a position is `{epoch, offset}`; in URLs `epoch:offset`.

/** A place in one life of a log. Offsets of different epochs have nothing to do with each other. */
export interface Position {
  /** Names one life of the log; a log that lost its content starts a new one. `[a-z0-9]{1,32}`. */
  readonly epoch: string;
  /** Number of the last message one has; 0 is before the first. */
  readonly offset: number;
}

const epochGrammar = /^[a-z0-9]{1,32}$/;

export function isEpoch(value: unknown): value is string {
  return typeof value === 'string' && epochGrammar.test(value);
}

export function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false;
  const { epoch, offset } = value as Record<string, unknown>;
  return isEpoch(epoch) && isOffset(offset);
}

/** Writes a position as the `epoch:offset` of a query parameter. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.offset}`;
}

/** Reads `epoch:offset`; undefined if it is anything else. */
export function parsePosition(text: string): Position | undefined {
  const colon = text.indexOf(':');
  const epoch = text.slice(0, colon);
  const digits = text.slice(colon + 1);
  if (colon < 1 || !/^\d{1,16}$/.test(digits)) return undefined;
  const position = { epoch, offset: Number(digits) };
  return isPosition(position) ? position : undefined;
}
