// Pause and go-live for the whole page: drawing stops, data does not. Key L, where the person has not turned it off.

import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type Context,
  type ReactElement,
  type ReactNode,
} from 'react';
import { useLine } from '../../live/live.tsx';
import { usePreferences } from '../shell/preferences.ts';

export interface Pause {
  /** The hub's time at which the page stands still; undefined: it is live. */
  readonly pausedAt: number | undefined;
  readonly pause: () => void;
  readonly goLive: () => void;
}

const PauseContext: Context<Pause> = createContext<Pause>({ pausedAt: undefined, pause() {}, goLive() {} });

export function PauseProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const { clockOffsetMs } = useLine();
  const [{ shortcuts }] = usePreferences();
  const [pausedAt, setPausedAt] = useState<number>();
  const offset = useRef(clockOffsetMs);
  offset.current = clockOffsetMs;
  const value = useMemo<Pause>(
    () => ({
      pausedAt,
      pause: () => setPausedAt(Date.now() + offset.current),
      goLive: () => setPausedAt(undefined),
    }),
    [pausedAt],
  );
  useEffect(() => {
    if (!shortcuts) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'l' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      // Something on the page that can stand still by itself took it.
      if (event.defaultPrevented) return;
      if (value.pausedAt === undefined) value.pause();
      else value.goLive();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [value, shortcuts]);
  return <PauseContext value={value}>{children}</PauseContext>;
}

export function usePause(): Pause {
  return useContext(PauseContext);
}

/** The value of now while live; while paused, the one that held when the page stopped. */
export function useFrozen<Value>(value: Value): Value {
  const { pausedAt } = usePause();
  const held = useRef(value);
  if (pausedAt === undefined) held.current = value;
  return held.current;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
