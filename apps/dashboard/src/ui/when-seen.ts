// Draws only what somebody can see: inside the view of a page that is shown. What is asked for meanwhile is drawn once,
// as soon as it can be seen.

export interface Drawing {
  ask(): void;
  end(): void;
}

export function whenSeen(element: Element, draw: () => void): Drawing {
  let isInView = true;
  let isMissed = false;
  let isOver = false;
  const ask = (): void => {
    if (isOver) return;
    isMissed = !isInView || document.hidden;
    if (!isMissed) draw();
  };
  const look = (): void => {
    if (isMissed) ask();
  };
  const observer = new IntersectionObserver((entries) => {
    isInView = entries.at(-1)?.isIntersecting ?? true;
    look();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', look);
  return {
    ask,
    end() {
      isOver = true;
      observer.disconnect();
      document.removeEventListener('visibilitychange', look);
    },
  };
}
