// Draws only what somebody can see: inside the view of a page that is shown. What is asked for meanwhile is drawn once,
// as soon as it can be seen.

export interface Drawing {
  ask(): void;
  end(): void;
}

export function whenSeen(element: Element, draw: () => void): Drawing {
  let isInView = true;
  let isMissed = false;
  const ask = (): void => {
    isMissed = !isInView || document.hidden;
    if (!isMissed) draw();
  };
  const look = (): void => {
    if (isMissed) ask();
  };
  const observer = new IntersectionObserver(([entry]) => {
    isInView = entry?.isIntersecting ?? true;
    look();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', look);
  return {
    ask,
    end() {
      observer.disconnect();
      document.removeEventListener('visibilitychange', look);
    },
  };
}
