// Every check, in the order in which a connection meets what they look at. A new one is a file in checks/ and a line here.

import type { Check } from './check.ts';
import { address } from './checks/address.ts';
import { buffering } from './checks/buffering.ts';
import { claims } from './checks/claims.ts';
import { clock } from './checks/clock.ts';
import { closing } from './checks/closing.ts';
import { conformance } from './checks/conformance.ts';
import { direct } from './checks/direct.ts';
import { expiry } from './checks/expiry.ts';
import { handshake } from './checks/handshake.ts';
import { http } from './checks/http.ts';
import { idle } from './checks/idle.ts';
import { name } from './checks/name.ts';
import { origins } from './checks/origins.ts';
import { page } from './checks/page.ts';
import { roundTrip } from './checks/round-trip.ts';
import { sizes } from './checks/sizes.ts';
import { subprotocol } from './checks/subprotocol.ts';
import { tcp } from './checks/tcp.ts';
import { tls } from './checks/tls.ts';
import { token } from './checks/token.ts';
import { welcome } from './checks/welcome.ts';

export const checks: readonly Check[] = [
  address,
  name,
  page,
  tcp,
  tls,
  http,
  handshake,
  conformance,
  subprotocol,
  // Nobody reads it before the handshake: a way that ends sooner is broken there, whatever the token is.
  token,
  welcome,
  clock,
  claims,
  direct,
  origins,
  roundTrip,
  buffering,
  sizes,
  expiry,
  idle,
  closing,
];
