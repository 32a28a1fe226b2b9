// Names that others chose: of processes, users, machines. Pure.

// Control characters, and the marks that turn the direction of the text after them: a name must not rewrite its line.
const unfit = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** A name as it can stand in a line of ours: what would hide or reorder text shows as `�`. */
export function shownName(name: string): string {
  return name.replace(unfit, '\uFFFD');
}
