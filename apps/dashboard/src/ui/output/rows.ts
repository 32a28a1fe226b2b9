// What an output viewer shows: rows, oldest first. Whoever has output makes these of it; the viewer knows nothing more.
// A row that changes is a new object with the same key, so that only what changed is drawn anew.

export type OutputRow = LineRow | TextRow | FoldRow | HoleRow | NoteRow;

/** One line as it was printed. */
export interface LineRow {
  readonly kind: 'line';
  readonly key: string;
  /** Which line of the whole output it is, from 1; undefined where that is not known, or the line has not ended. */
  readonly number: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** With its escape sequences and carriage returns; without the line feed. */
  readonly text: string;
  readonly source: 'out' | 'err';
  /** Its beginning is not here. */
  readonly lacksStart?: true;
}

/** One paragraph of a text that is written bit by bit. */
export interface TextRow {
  readonly kind: 'text';
  readonly key: string;
  readonly at: number;
  readonly text: string;
  /** The first paragraph of its text. */
  readonly isFirst: boolean;
}

/** Equal lines one after the other, folded into one row; its lines follow it where it is unfolded. */
export interface FoldRow {
  readonly kind: 'fold';
  readonly key: string;
  readonly count: number;
  readonly text: string;
  readonly isUnfolded: boolean;
}

/** Rows that exist and are not here. */
export interface HoleRow {
  readonly kind: 'hole';
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  /** What the button says that fetches them. */
  readonly action: string;
  readonly state: 'shut' | 'opening' | 'failed';
  /** Opened when it is scrolled to: older output at the top. */
  readonly isAutomatic: boolean;
}

/** Something that is said between the lines and can't be opened: what is missing for good, where a log began anew. */
export interface NoteRow {
  readonly kind: 'note';
  readonly key: string;
  /** `gap`: something is missing. */
  readonly look: 'gap' | 'quiet';
  readonly title: string;
  readonly detail: string;
}

/** Rows that begin a text and those between: what a person would call a line. */
export function hasText(row: OutputRow): row is LineRow | TextRow | FoldRow {
  return row.kind === 'line' || row.kind === 'text' || row.kind === 'fold';
}
