// Everything that is kept here, in the order in which a connection meets it.

import { encryption } from './encryption.ts';
import { gateways } from './gateways.ts';
import type { Member } from './member.ts';
import { network } from './network.ts';
import { pages } from './pages.ts';
import { proxies } from './proxies.ts';
import { sessions } from './sessions.ts';
import { statuses } from './statuses.ts';
import { twoWayMembers } from './two-ways.ts';
import { upgrades } from './upgrades.ts';

export const zoo: readonly Member[] = [
  ...pages,
  ...network,
  ...encryption,
  ...statuses,
  ...upgrades,
  ...sessions,
  ...gateways,
  ...twoWayMembers,
  ...proxies,
];
