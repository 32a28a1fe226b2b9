// Keeps a selection in an output whole: following pauses when one begins, the row it began in stays drawn however far
// somebody scrolls, and what is copied is the text of the lines without their numbers and times.

import { useEffect, useRef, useState, type ClipboardEvent, type RefObject } from 'react';
import type { OutputRow } from './rows.ts';
import { rowsBetween, textBetween, type SelectionEnd, type SharedRows } from './selection.ts';

/** How long a press may take, in milliseconds. */
const pressMs = 1_000;

export interface Selecting {
  /** The row in which the selection began, while there is one. */
  readonly heldKey: string | undefined;
  readonly onCopy: (event: ClipboardEvent) => void;
  /** The rows that are selected, or were until the press of a button took the selection away. */
  readonly selected: () => SharedRows | undefined;
}

export function useSelection(
  box: RefObject<HTMLElement | null>,
  rows: readonly OutputRow[],
  onBegin: () => void,
): Selecting {
  const [heldKey, setHeldKey] = useState<string>();
  const begin = useRef(onBegin);
  begin.current = onBegin;
  const last = useRef<{ readonly ends: readonly [SelectionEnd, SelectionEnd]; until: number }>(undefined);
  useEffect(() => {
    const onChange = (): void => {
      const ends = endsOf(box.current);
      const key = ends?.[0].key;
      if (ends !== undefined) last.current = { ends, until: Infinity };
      // A press takes the selection away before the button hears of it.
      else if (last.current?.until === Infinity) last.current.until = performance.now() + pressMs;
      setHeldKey(key);
      if (key !== undefined) begin.current();
    };
    document.addEventListener('selectionchange', onChange);
    return () => document.removeEventListener('selectionchange', onChange);
  }, [box]);
  return {
    heldKey,
    selected() {
      if (last.current === undefined || performance.now() > last.current.until) return undefined;
      return rowsBetween(rows, ...last.current.ends);
    },
    onCopy(event) {
      const ends = endsOf(box.current);
      const text = ends === undefined ? undefined : textBetween(rows, ...ends);
      if (text === undefined) return;
      event.preventDefault();
      event.clipboardData.setData('text/plain', text);
    },
  };
}

/** Where the selection of the page begins and ends, if all of it is in the box and not empty. */
function endsOf(box: HTMLElement | null): readonly [SelectionEnd, SelectionEnd] | undefined {
  const selection = getSelection();
  if (box === null || selection === null || selection.isCollapsed) return undefined;
  const anchor = endOf(box, selection.anchorNode, selection.anchorOffset);
  const focus = endOf(box, selection.focusNode, selection.focusOffset);
  return anchor === undefined || focus === undefined ? undefined : [anchor, focus];
}

function endOf(box: HTMLElement, node: Node | null, offset: number): SelectionEnd | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const row = element?.closest<HTMLElement>('[data-key]');
  const key = row?.dataset['key'];
  if (node === null || row === null || row === undefined || key === undefined || !box.contains(row)) return undefined;
  const text = row.querySelector('[data-text]');
  if (text === null || !text.contains(node)) return { key, offset: 0 };
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(node, offset);
  return { key, offset: before.toString().length };
}
