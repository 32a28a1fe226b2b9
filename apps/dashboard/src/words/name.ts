// Names that others chose: of processes, users, machines. Pure.

// Control characters, and the marks that turn the direction of the text after them: a name must not rewrite its line.
const unfit = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** A name as it can stand in a line of ours: what would hide or reorder text shows as `�`. */
export function shownName(name: string): string {
  return name.replace(unfit, '\uFFFD');
}

// What takes no room on the screen: two names that differ in it look alike, and one made of it is nothing to be seen.
const invisible =
  // oxlint-disable-next-line no-misleading-character-class -- each of them stands for itself
  /[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B-\u200D\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\u{E0000}-\u{E0FFF}]/gu;
// Joins signs of one emoji, or letters of scripts that are written joined: there it is seen.
const joined =
  /[\p{Extended_Pictographic}\uFE0F\p{EMod}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Sinhala}\p{Script=Malayalam}]$/u;

/** The name of somebody who speaks: as `shownName`, and what would be invisible in it shows too. At most 64 characters. */
export function personName(name: string): string {
  const shown = shownName(name).replace(invisible, (mark: string, at: number, whole: string) =>
    joined.test(whole.slice(0, at)) && whole.slice(at + mark.length) !== '' ? mark : '\uFFFD',
  );
  const cut = [...shown].slice(0, 64).join('');
  return cut.trim() === '' ? '\uFFFD' : cut.length < shown.length ? `${cut}…` : cut;
}
