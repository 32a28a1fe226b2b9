// What a run, or one of its steps, says of itself in names and values; and what it gave in the end. Names and values come
// from machines: text only.

import type { AttributeValue } from '@telltale/agent/run-events';
import type { RunState } from '@telltale/agent/run-state';
import type { RunSnapshot } from '@telltale/hub/api';
import { useMemo, type ReactElement } from 'react';
import { Link } from '../../router/router.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Panel } from '../../ui/panel.tsx';
import { shownName } from '../../words/name.ts';
import { grouped } from '../../words/units.ts';
import { runPath, took } from './run-words.ts';
import styles from './run.module.css';

export function Attributes({
  state,
  chosen,
  earlier,
  onAll,
}: {
  readonly state: RunState;
  /** Of this step; undefined: of the run. */
  readonly chosen: string | undefined;
  readonly earlier: RunSnapshot['earlier'];
  readonly onAll: () => void;
}): ReactElement {
  const step = chosen === undefined ? undefined : state.steps.get(chosen);
  const attributes = step?.attributes ?? state.attributes;
  const isOfRun = step === undefined;
  return (
    <Panel
      title="Attributes"
      ruled
      fills
      note={isOfRun ? undefined : `of ${shownName(step.name)}`}
      tools={
        isOfRun ? undefined : (
          <Button size="small" look="quiet" icon label="Attributes of the run" onPress={onAll}>
            <Icon name="x" size={14} />
          </Button>
        )
      }
    >
      <dl className={styles.attributes}>
        {step?.error === undefined ? null : <Pair name="error" value={step.error} />}
        {[...attributes].map(([name, value]) => (
          <Pair key={name} name={name} value={value} />
        ))}
        {isOfRun && earlier.length > 0 ? <Earlier earlier={earlier} /> : null}
      </dl>
      {attributes.size === 0 && (!isOfRun || earlier.length === 0) ? <p className={styles.none}>It has none.</p> : null}
    </Panel>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: AttributeValue }): ReactElement {
  return (
    <>
      <dt>{shownName(name)}</dt>
      <dd data-kind={typeof value}>{valueWords(value)}</dd>
    </>
  );
}

function valueWords(value: AttributeValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? grouped(value) : String(value);
  if (typeof value === 'string') return shownName(value);
  return value === null ? 'null' : String(value);
}

/** How long the last runs of this name took, newest first; each opens. */
function Earlier({ earlier }: { readonly earlier: RunSnapshot['earlier'] }): ReactElement {
  return (
    <>
      <dt>{earlier.length === 1 ? 'last time' : `last ${earlier.length} times`}</dt>
      <dd className={styles.earlier}>
        {earlier.map(({ run, tookMs, state }) => (
          <Link key={run} to={runPath(run)}>
            {state === 'succeeded' ? took(tookMs) : state}
          </Link>
        ))}
      </dd>
    </>
  );
}

/** Most characters of a result that are shown. */
const mostResult = 20_000;

export function Result({ result }: { readonly result: unknown }): ReactElement {
  const text = useMemo(() => shownLines(JSON.stringify(result, undefined, 2) ?? 'null'), [result]);
  return (
    <Panel title="Result" ruled {...(text.length > mostResult ? { note: 'cut' } : {})}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must take the focus */}
      <pre className={styles.result} tabIndex={0} aria-label="Result">
        {text.slice(0, mostResult)}
      </pre>
    </Panel>
  );
}

function shownLines(text: string): string {
  return text.split('\n').map(shownName).join('\n');
}
