// Keeps the keys in a place whose parts come and go: where what had them is gone, another part takes them, not the page.

import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

/** @param next what takes the keys; asked after a drawing that took them from the place */
export function useKeptFocus(place: RefObject<HTMLElement | null>, next: () => HTMLElement | null | undefined): void {
  const hasKeys = useRef(false);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const isWithin = (target: EventTarget | null): boolean => target instanceof Node && element.contains(target);
    const take = (): void => {
      hasKeys.current = true;
    };
    // With nothing that takes them instead, the keys are lost, or the window is: both is no wish of the person.
    const leave = ({ relatedTarget }: FocusEvent): void => {
      if (relatedTarget !== null && !isWithin(relatedTarget)) hasKeys.current = false;
    };
    const press = ({ target }: PointerEvent): void => {
      if (!isWithin(target)) hasKeys.current = false;
    };
    element.addEventListener('focusin', take);
    element.addEventListener('focusout', leave);
    document.addEventListener('pointerdown', press, { capture: true });
    return () => {
      element.removeEventListener('focusin', take);
      element.removeEventListener('focusout', leave);
      document.removeEventListener('pointerdown', press, { capture: true });
    };
  }, [place]);
  useLayoutEffect(() => {
    if (hasKeys.current && document.activeElement === document.body) next()?.focus({ preventScroll: true });
  });
}
