// Agents: every machine that reports or should, live by key, worst first. Administrators add one here, and decide which
// machine a credential is for.

import { hasScope } from '@telltale/protocol';
import { useCallback, useMemo, type ReactElement } from 'react';
import { changeQuery, navigate, useQuery } from '../../router/router.tsx';
import { useRole } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Grid } from '../../ui/grid/grid.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Thread } from '../../ui/thread.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { useOpened } from '../../ui/use-opened.ts';
import { ago, clock, duration } from '../../words/time.ts';
import { PageFrame } from '../shell/shell.tsx';
import { AddAgent } from './add-agent.tsx';
import { agentPath } from './agent-cells.tsx';
import { columnsFor } from './agent-columns.tsx';
import { filtered } from './agent-filter.ts';
import { orderFrom, ordered, worstFirst, type Order } from './agent-order.ts';
import type { AgentView } from './agent-view.ts';
import styles from './agents.module.css';
import { Filters, useFilter } from './filters.tsx';
import { useAgents, type Agents as Listed } from './use-agents.ts';

export function Agents(): ReactElement {
  const list = useAgents();
  const role = useRole();
  const isAdmin = role !== undefined && hasScope({ scope: role }, 'admin');
  const { isOpen: isAdding, open: add, close, opener } = useOpened();
  const isPhone = useMedia(phone);
  const filter = useFilter();
  const query = useQuery();
  const [column, direction] = [query.get('sort'), query.get('direction')];
  const order = useMemo(() => orderFrom(column, direction), [column, direction]);
  const { chip, text } = filter;
  const shown = useMemo(() => ordered(filtered(list.views, { chip, text }), order), [list.views, chip, text, order]);
  const adding = isAdding ? <AddAgent rows={list.rows} now={list.moment.now} onClose={close} /> : null;
  return (
    <PageFrame
      title="Agents"
      sub={subOf(list)}
      action={
        isAdmin ? (
          <Button look="primary" label="Add agent" onPress={add} ref={opener}>
            <Icon name="plus" size={14} />
            <span>
              Add<span className={styles.wide}> agent</span>
            </span>
          </Button>
        ) : null
      }
    >
      {list.denied ? (
        <Notice kind="refused" title="Refused: no right to the list of agents, 4403">
          Sign in as somebody who may see it.
        </Notice>
      ) : (
        <>
          <Filters views={list.views} filter={filter} shown={shown.length} sorted={sortedWords(order)} />
          {isPhone ? adding : null}
          <List list={list} shown={shown} order={order} isAdmin={isAdmin} />
          {isPhone ? null : adding}
          {list.isRead && list.rows.length <= 1 && !isAdding ? <NoOthers isAdmin={isAdmin} onAdd={add} /> : null}
        </>
      )}
    </PageFrame>
  );
}

const keyOf = ({ key }: AgentView): string => key;
const marksOf = ({ isStale, copy }: AgentView): Record<`data-${string}`, string | undefined> => ({
  'data-stale': isStale ? 'true' : undefined,
  'data-copy': copy === undefined ? undefined : 'true',
});
/** Who comes back from a page of an agent finds the list where it was left. */
let lastOpened: string | undefined;
const open = ({ key, agent }: AgentView): void => {
  lastOpened = key;
  navigate(agentPath(agent));
};

function List({
  list,
  shown,
  order,
  isAdmin,
}: {
  readonly list: Listed;
  readonly shown: readonly AgentView[];
  readonly order: Order;
  readonly isAdmin: boolean;
}): ReactElement {
  const columns = useMemo(() => columnsFor({ isAdmin }), [isAdmin]);
  const isPhone = useMedia(phone);
  const sort = useCallback((next: { readonly column: string; readonly direction: Order['direction'] }) => {
    const isUsual = next.column === worstFirst.column && next.direction === worstFirst.direction;
    changeQuery(isUsual ? { sort: undefined, direction: undefined } : { sort: next.column, direction: next.direction });
  }, []);
  if (shown.length === 0) {
    return (
      <section className={styles.list} aria-label="Agents">
        <p className={styles.none}>
          {list.isRead ? (
            'No agent is called so, or stands so.'
          ) : (
            <>
              <Thread state="none" /> no data yet
            </>
          )}
        </p>
      </section>
    );
  }
  return (
    <section className={styles.list} aria-label="Agents" data-few={shown.length < 5}>
      <Grid
        label="Agents"
        className={styles.grid}
        columns={columns}
        rows={shown}
        keyOf={keyOf}
        marksOf={marksOf}
        order={order}
        onOrder={sort}
        onOpen={open}
        startAt={lastOpened}
        rowHeight={isPhone ? 56 : 34}
      />
    </section>
  );
}

function NoOthers({ isAdmin, onAdd }: { readonly isAdmin: boolean; readonly onAdd: () => void }): ReactElement {
  return (
    <div className={styles.empty}>
      <Thread state="none" size="wide" />
      <h2>No other machine yet</h2>
      <p>
        {isAdmin
          ? 'Add one: you get the line to paste there, and it appears here when it reports.'
          : 'An administrator can add one.'}
      </p>
      {isAdmin ? (
        <Button onPress={onAdd}>
          <Icon name="plus" size={14} />
          Add agent
        </Button>
      ) : null}
    </div>
  );
}

/** Under the title: how fresh the list is. */
function subOf({ newestAt, moment: { now, heardAt, isUp } }: Listed): string {
  if (!isUp) return `as of ${clock(heardAt)}, ${ago(now - heardAt)}`;
  return newestAt === undefined ? '' : `newest sample ${duration(now - newestAt)}`;
}

const columnWords: Readonly<Record<Order['column'], string>> = {
  agent: 'name',
  state: 'state',
  cpu: 'CPU',
  memory: 'memory',
  disk: 'disk',
  trip: 'round trip',
  runs: 'runs',
  version: 'version',
};

function sortedWords({ column, direction }: Order): string {
  const isDown = direction === 'descending';
  if (column === 'state') return `Sorted by state, ${isDown ? 'worst' : 'best'} first`;
  if (column === 'agent' || column === 'version')
    return `Sorted by ${columnWords[column]}${isDown ? ', backwards' : ''}`;
  return `Sorted by ${columnWords[column]}, ${isDown ? 'most' : 'least'} first`;
}
