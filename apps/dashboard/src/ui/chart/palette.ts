// The colours of a chart, resolved: a canvas cannot read CSS variables. Read anew when the theme changes.

const names = [
  'ink',
  'ink-2',
  'ink-3',
  'panel',
  'grid',
  'edge',
  'band',
  'gap-tint',
  'gap-mark',
  'gap-text',
  'late-mark',
  'stale-mark',
  'stale-text',
  's1',
  's2',
  's3',
  's4',
] as const;

export type Palette = Readonly<Record<(typeof names)[number], string>>;

/** Dashes of the series, in their order: never by colour alone. */
export const dashes: readonly (readonly number[])[] = [[], [], [6, 3], [2, 3]];

export const seriesColour = (palette: Palette, index: number): string =>
  palette[(['s1', 's2', 's3', 's4'] as const)[index % 4] as 's1'];

/** Resolves every colour in the theme that holds at this element. */
export function readPalette(within: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  within.append(probe);
  const entries = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as unknown as Palette;
}

/** Calls back when the theme may have changed; returns its end. */
export function onThemeChange(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    media.removeEventListener('change', listener);
    observer.disconnect();
  };
}
