// What changed in a table since it was last reported: new and changed rows, and keys that are gone. Pure.

/** An item of a publish to a table: `data: null` removes the key. */
export interface RowChange<Row> {
  readonly key: string;
  readonly data: Row | null;
}

export interface RowChanges<Row> {
  /** What makes the table as last reported into these rows. */
  next(rows: readonly Row[]): readonly RowChange<Row>[];
  /** The other side may have lost any of it: the next changes are all rows, and removals of all that are gone. */
  reset(): void;
}

/** Remembers a table as it was last reported, rows compared by their content. */
export function createRowChanges<Row>(keyOf: (row: Row) => string): RowChanges<Row> {
  let reported: ReadonlyMap<string, string> = new Map();
  return {
    next(rows) {
      const texts = new Map(rows.map((row) => [keyOf(row), JSON.stringify(row)]));
      const gone = [...reported.keys()].filter((key) => !texts.has(key)).map((key) => ({ key, data: null }));
      const changed = rows
        .filter((row) => reported.get(keyOf(row)) !== texts.get(keyOf(row)))
        .map((row) => ({ key: keyOf(row), data: row }));
      reported = texts;
      return [...gone, ...changed];
    },
    reset() {
      // No row is an empty text.
      reported = new Map([...reported.keys()].map((key) => [key, '']));
    },
  };
}
