// Ctrl-F and Cmd-F go to the field that looks through an output, for the browser's own search knows only the rows that
// are drawn. Pressed in the field once more they are the browser's.

import { useEffect, type RefObject } from 'react';

/** @param field an element that holds the input */
export function useFindKey(field: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isFind = event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey);
      if (!isFind || event.altKey || event.shiftKey) return;
      const input = field.current?.querySelector('input');
      if (input === null || input === undefined || document.activeElement === input) return;
      event.preventDefault();
      input.focus();
      input.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [field]);
}
