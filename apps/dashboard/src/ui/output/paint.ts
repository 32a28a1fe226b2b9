// How a piece of a line is painted: what `ESC [ … m` asks for, brought to colours that can be read on both themes. Pure.
// Any of 16 million colours becomes one of eight inks by its hue, so that no line can hide itself, or shout.

export type Ink = 'plain' | 'faint' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

export interface Paint {
  readonly ink: Ink;
  /** A ground of this ink; the text on it is then the well's. */
  readonly ground: Ink | undefined;
  readonly isBold: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isStruck: boolean;
  readonly isInverse: boolean;
}

export const plain: Paint = {
  ink: 'plain',
  ground: undefined,
  isBold: false,
  isItalic: false,
  isUnderlined: false,
  isStruck: false,
  isInverse: false,
};

/** Black and white are what text on a terminal's own ground is: plain, or faint. */
const basic: readonly Ink[] = ['faint', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'plain'];

/** The paint after one more `ESC [ … m`. What is not known changes nothing. */
export function repaint(paint: Paint, parameters: readonly number[]): Paint {
  let next: { -readonly [Key in keyof Paint]: Paint[Key] } = { ...paint };
  const codes = parameters.length === 0 ? [0] : parameters;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) next = { ...plain };
    else if (code === 1) next.isBold = true;
    else if (code === 2) next.ink = next.ink === 'plain' ? 'faint' : next.ink;
    else if (code === 3) next.isItalic = true;
    else if (code === 4) next.isUnderlined = true;
    else if (code === 7) next.isInverse = true;
    else if (code === 9) next.isStruck = true;
    else if (code === 22) {
      next.isBold = false;
      next.ink = next.ink === 'faint' ? 'plain' : next.ink;
    } else if (code === 23) next.isItalic = false;
    else if (code === 24) next.isUnderlined = false;
    else if (code === 27) next.isInverse = false;
    else if (code === 29) next.isStruck = false;
    else if (code >= 30 && code <= 37) next.ink = basic[code - 30] as Ink;
    else if (code === 39) next.ink = 'plain';
    else if (code >= 40 && code <= 47) next.ground = basic[code - 40] as Ink;
    else if (code === 49) next.ground = undefined;
    else if (code >= 90 && code <= 97) next.ink = basic[code - 90] as Ink;
    else if (code >= 100 && code <= 107) next.ground = basic[code - 100] as Ink;
    else if (code === 38 || code === 48) {
      const [ink, used] = longColour(codes, index + 1);
      index += used;
      if (ink !== undefined && code === 38) next.ink = ink;
      else if (ink !== undefined) next.ground = ink;
    }
  }
  return next;
}

/** `5;n` or `2;r;g;b` from `index` on: the ink, and how many numbers it took. */
function longColour(codes: readonly number[], index: number): readonly [Ink | undefined, number] {
  if (codes[index] === 5) return [inkOf256(codes[index + 1] ?? 0), 2];
  if (codes[index] === 2) {
    return [inkOfRgb(codes[index + 1] ?? 0, codes[index + 2] ?? 0, codes[index + 3] ?? 0), 4];
  }
  return [undefined, 1];
}

function inkOf256(index: number): Ink | undefined {
  if (index < 16) return basic[index % 8];
  if (index >= 256) return undefined;
  if (index >= 232) return index < 244 ? 'faint' : 'plain';
  const cube = index - 16;
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  return inkOfRgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** Where each hue begins, in degrees; the rest of the circle is red. */
const hues: readonly (readonly [number, Ink])[] = [
  [330, 'red'],
  [260, 'magenta'],
  [200, 'blue'],
  [165, 'cyan'],
  [75, 'green'],
  [25, 'yellow'],
];

function inkOfRgb(red: number, green: number, blue: number): Ink {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  const spread = most - least;
  // Greys, and what is almost one.
  if (spread < 24 || spread < most * 0.18) return most < 150 ? 'faint' : 'plain';
  const sixth =
    most === red
      ? ((green - blue) / spread + 6) % 6
      : most === green
        ? (blue - red) / spread + 2
        : (red - green) / spread + 4;
  const degrees = sixth * 60;
  return hues.find(([from]) => degrees >= from)?.[1] ?? 'red';
}
