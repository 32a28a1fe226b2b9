// Something that a button opens beside it: whoever closes it is back at the button, also where the button had made room.

import { useCallback, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';

export interface Opened {
  readonly isOpen: boolean;
  readonly open: () => void;
  readonly close: () => void;
  /** For the button. */
  readonly opener: RefObject<HTMLButtonElement | null>;
}

export function useOpened(): Opened {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const open = useCallback(() => setOpen(true), []);
  const close = useCallback(() => {
    flushSync(() => setOpen(false));
    opener.current?.focus();
  }, []);
  return { isOpen, open, close, opener };
}
