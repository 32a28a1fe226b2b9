// The steps of a run: a tree with bars on one axis of time. One stop of the Tab key; arrow keys walk, fold and unfold,
// Enter chooses the step whose attributes are shown.

import type { RunState, StepState } from '@telltale/agent/run-state';
import {
  memo,
  useCallback,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type ReactElement,
} from 'react';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Thread } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { took } from './run-words.ts';
import { stepWords } from './runs-model.ts';
import { deepestShown, lookOf, nodesOf, spanOf, stepKey, type StepLook, type StepSpan } from './steps-model.ts';
import styles from './steps.module.css';

export interface StepsProps {
  readonly steps: RunState['steps'];
  /** When the run began, and now or when it ended, by the clock of its machine. */
  readonly beganAt: number;
  readonly now: number;
  /** False: nobody knows whether what runs still does. */
  readonly isUp: boolean;
  readonly chosen: string | undefined;
  /** Chosen, or, where it was, let go. */
  readonly onChoose: (id: string) => void;
}

export function Steps({ steps, beganAt, now, isUp, chosen, onChoose }: StepsProps): ReactElement {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string>();
  const tree = useRef<HTMLDivElement>(null);
  const nodes = useMemo(() => nodesOf(steps, folded), [steps, folded]);
  const found = nodes.findIndex(({ step }) => step.id === active);
  const activeIndex = Math.max(0, found);
  const spanMs = Math.max(1, now - beganAt);
  const toggle = useCallback((id: string) => {
    setFolded((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const press = useCallback(
    (id: string) => {
      setActive(id);
      onChoose(id);
    },
    [onChoose],
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = nodes[activeIndex];
    if (node !== undefined && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      onChoose(node.step.id);
      return;
    }
    const does = stepKey(event.key, activeIndex, nodes, folded);
    if (does === undefined) return;
    event.preventDefault();
    if ('toggle' in does) return toggle(does.toggle);
    setActive(nodes[does.to]?.step.id);
    tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[does.to]?.focus();
  };
  return (
    <Panel title="Steps" note={stepWords(countOf(steps))}>
      <div className={styles.ruler} aria-hidden="true">
        <span>Step</span>
        <span>
          <span>0</span>
          <span>{took(spanMs)}</span>
        </span>
        <span>Took</span>
      </div>
      <div
        ref={tree}
        className={styles.steps}
        role="tree"
        aria-label="Steps"
        tabIndex={-1}
        style={{ '--span': spanMs } as CSSProperties}
        onKeyDown={onKeyDown}
      >
        {nodes.map(({ step, depth, hasChildren }, index) => (
          <Step
            key={step.id}
            step={step}
            depth={depth}
            isUnfolded={hasChildren ? !folded.has(step.id) : undefined}
            isActive={index === activeIndex}
            isChosen={step.id === chosen}
            isUp={isUp}
            {...spanOf(step, beganAt, now)}
            onPress={press}
            onToggle={toggle}
          />
        ))}
      </div>
    </Panel>
  );
}

interface StepProps extends StepSpan {
  readonly step: StepState;
  readonly depth: number;
  /** Undefined: nothing stands below it. */
  readonly isUnfolded: boolean | undefined;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly isUp: boolean;
  readonly onPress: (id: string) => void;
  readonly onToggle: (id: string) => void;
}

// Drawn again only when it says something else: of two thousand steps most have ended.
const Step = memo((props: StepProps): ReactElement => {
  const { step, depth, isUnfolded, isActive, isChosen, isUp, fromMs, tookMs, onPress, onToggle } = props;
  const look = lookOf(step);
  const said = shownName(look === 'failed' && step.error !== undefined ? `${step.name}: ${step.error}` : step.name);
  const indent = Math.min(depth, deepestShown);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree hears the keys
    <div
      role="treeitem"
      className={styles.step}
      data-look={look}
      aria-level={depth + 1}
      aria-expanded={isUnfolded}
      aria-selected={isChosen}
      tabIndex={isActive ? 0 : -1}
      style={{ '--depth': indent, '--from': fromMs, '--took': tookMs } as CSSProperties}
      onClick={() => onPress(step.id)}
    >
      <span className={styles.name} title={said}>
        {isUnfolded === undefined ? (
          <Shape look={look} isUp={isUp} />
        ) : (
          <button
            type="button"
            className={styles.fold}
            tabIndex={-1}
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              onToggle(step.id);
            }}
          >
            <Icon name={isUnfolded ? 'chevron-down' : 'chevron-right'} size={14} />
          </button>
        )}
        <span>{said}</span>
        {isUnfolded === undefined || look === 'done' || look === 'running' ? null : <Shape look={look} isUp={isUp} />}
      </span>
      <span className={styles.bar}>
        <i />
      </span>
      <span className="sr">{look}</span>
      <span className={styles.took}>{took(tookMs)}</span>
    </div>
  );
});

const icons: Readonly<Record<Exclude<StepLook, 'running'>, IconName>> = {
  done: 'check',
  failed: 'octagon-alert',
  cancelled: 'ban',
  lost: 'octagon-alert',
};

function Shape({ look, isUp }: { readonly look: StepLook; readonly isUp: boolean }): ReactElement {
  return (
    <span className={styles.shape}>
      {look === 'running' ? (
        <Thread state={isUp ? 'live' : 'stale'} size="small" />
      ) : (
        <Icon name={icons[look]} size={14} />
      )}
    </span>
  );
}

function countOf(steps: RunState['steps']): {
  readonly ended: number;
  readonly failed: number;
  readonly running: number;
} {
  let [ended, failed, running] = [0, 0, 0];
  for (const { outcome } of steps.values()) {
    if (outcome === undefined) running += 1;
    else ended += 1;
    if (outcome === 'failed' || outcome === 'lost') failed += 1;
  }
  return { ended, failed, running };
}
