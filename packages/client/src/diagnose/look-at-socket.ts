// Looks at what became of the socket: by its own events, by the frames that came, and by what the gateway says of it.

import type { PublicRefusal, Stage } from '@telltale/protocol';
import { changedPath, explainCode } from '@telltale/protocol/explain';
import type { Facts } from './facts.ts';
import { failed, type Finding, notOpened, ok, unknown, warning } from './finding.ts';
import { nearness } from './place.ts';
import type { SocketEnd } from './probe.ts';
import type { DiagnosisHop } from './types.ts';

/** A session could begin. */
export function socketWorks({ isOpen, isForeign, socket }: Facts): boolean {
  if (isOpen) return true;
  if (socket?.kind !== 'opened' || socket.end !== undefined) return false;
  return isForeign || socket.word === 'welcome';
}

export function lookAtSocket(facts: Facts): Finding {
  const { isOpen, isForeign, socket, http, url } = facts;
  if (isOpen) return ok('socket', 'the connection is open');
  if (socket === undefined) return unknown('socket', 'none could be tried');
  switch (socket.kind) {
    case 'threw':
      if (socket.name !== 'socket-refused') return unknown('socket', 'the browser did not let it be made');
      return failed('socket', {
        name: 'socket-refused',
        hop: 'token',
        found: 'the WebSocket class refused the address or the token',
        todo: 'Look whether the token holds characters that no JWT has, such as spaces or quotes.',
      });
    case 'waiting': {
      const isHttp = http !== undefined && http.kind !== 'silent' && http.kind !== 'failed';
      return failed('socket', {
        name: 'handshake-silent',
        hop: 'server',
        found: `the handshake had no answer after ${(socket.waitedMs / 1000).toFixed(1)} s${isHttp ? ', though a plain request has one' : ''}: what is there takes upgrades and drops them`,
        todo: `Attach a WebSocket server at ${url === undefined ? 'this path' : new URL(url).pathname}, or let the proxy pass upgrades on (ws: true in Vite).`,
      });
    }
    case 'failed':
      return failed('socket', {
        name: 'handshake-refused',
        hop: 'server',
        found: 'the handshake was refused or spoiled on the way, and browsers do not tell a page how',
        todo: 'See what the browser’s console says of it, or run telltale doctor with this address: path, origin, credential or a proxy that passes no upgrades.',
      });
    case 'opened':
      break;
  }
  const { end, word, refusal, afterMs } = socket;
  if (refusal !== undefined) return refused('socket', refusal, facts);
  if (end !== undefined) return closed(end, isForeign);
  if (!isForeign && word !== 'welcome') {
    return failed('socket', {
      name: 'welcome-missing',
      hop: word === 'none' ? 'proxy' : 'address',
      found: word === 'none' ? 'it opens, and no welcome comes' : 'it opens, and what answers speaks another protocol',
      todo:
        word === 'none'
          ? 'Something between takes the handshake and holds frames back, a proxy or a scanner of viruses, or it is no Telltale gateway that answers.'
          : 'Correct the address, or connect with speaks: "foreign" where it is a server of somebody else.',
    });
  }
  return ok('socket', `a second one opened after ${afterMs} ms`);
}

const passUpgrades =
  'Let the proxy pass upgrades on: in nginx proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and proxy_set_header Connection "upgrade"; in Vite ws: true.';

const hops: Readonly<Record<Stage, DiagnosisHop>> = {
  route: 'address',
  form: 'proxy',
  origin: 'gateway',
  rate: 'gateway',
  credential: 'token',
  permission: 'gateway',
};

function refused(id: 'socket' | 'attempt', refusal: PublicRefusal, { token, url = '' }: Facts): Finding {
  const { code, name, stage, reason, hint } = refusal;
  if (name === 'token-missing' && token.kind === 'read') {
    return failed(id, {
      name: 'credential-eaten',
      hop: 'proxy',
      found: 'a token was sent, and the gateway says that none arrived',
      todo: 'Let the proxy between pass Sec-WebSocket-Protocol and the query on unchanged.',
      explains: notOpened,
    });
  }
  const words = explainCode(code);
  if (name === 'upgrade-missing') {
    return failed(id, {
      name: 'upgrade-eaten',
      hop: 'proxy',
      found:
        'the handshake reaches the gateway without the headers Upgrade and Connection, so something between removes them',
      todo: passUpgrades,
      explains: notOpened,
    });
  }
  if (name === 'path-unknown' && reason !== undefined && changedPath(reason, new URL(url).pathname) !== undefined) {
    return failed(id, {
      name: 'path-lost',
      hop: 'proxy',
      found: `${reason} (${code} ${name}), which is not the path that was asked for: something between changes it`,
      todo: 'Let the proxy pass the path on as it comes: in nginx a proxy_pass without a path of its own.',
      explains: notOpened,
    });
  }
  // It answers loopback names, and this page asked for one: another one arrived.
  if (name === 'host-not-allowed' && nearness(new URL(url).hostname) === 'loopback') {
    return failed(id, {
      name: `refused-${name}`,
      hop: 'proxy',
      found: `${reason ?? words.reason} (${code} ${name})`,
      todo: 'Let the proxy pass the header Host on as it comes (proxy_set_header Host $http_host in nginx), or run the gateway in production mode.',
      explains: notOpened,
    });
  }
  // A token that is checked at all is shorter than that: then it is cookies.
  const isLong = token.kind === 'read' && token.length > 4_096;
  const stageHop = name === 'headers-too-large' ? (isLong ? 'token' : 'page') : hops[stage ?? 'form'];
  // What failed inside the gateway is no fault of a credential.
  const isInside = stage === undefined || code === 4503 || code === 4000 || name === 'host-not-allowed';
  return failed(id, {
    name: `refused-${name}`,
    hop: isInside ? 'gateway' : stageHop,
    found: `${reason ?? words.reason} (${code} ${name})`,
    todo: hint ?? words.hint,
    explains: notOpened,
  });
}

function closed({ code, reason, hadError }: SocketEnd, isForeign: boolean): Finding {
  const look = 'Look into the log of the server for this moment';
  if (code === 1006 && hadError) {
    return failed('socket', {
      name: 'frames-invalid',
      hop: 'server',
      found: 'it opens, and what comes then is no frame of a WebSocket server',
      todo: 'Find what writes into the upgraded connection: a proxy that sends its own answer, or a server that is none of WebSocket.',
    });
  }
  if (code === 1006) {
    return failed('socket', {
      name: 'dropped-at-once',
      hop: 'server',
      found: 'it opens, and the connection ends at once without a close frame',
      todo: `${look}: it failed, or a proxy lost it.`,
    });
  }
  const known = explainCode(code);
  const says = reason === '' ? '' : `, and says "${reason.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 80)}"`;
  const isToken = code === 4401 || code === 4403 || code === 4419 || code === 3000;
  return failed('socket', {
    name: `closed-${code}`,
    hop: isToken ? 'token' : isForeign ? 'server' : 'gateway',
    found: `it opens and is closed with ${code} (${known.title})${says}`,
    todo: isForeign ? `See in its documentation what ${code} means. ${look}.` : known.hint,
  });
}

/** What the gateway says of that socket. */
export function lookAtAttempt(facts: Facts): readonly Finding[] {
  const { attempt, attemptMs, socket, isOpen } = facts;
  if (isOpen || socket === undefined || attempt === undefined) return [];
  if (attempt.kind !== 'gateway') return [unknown('attempt', 'the gateway was asked about it and did not answer')];
  const { state, rememberedMs = attemptMs, refusal, ended } = attempt.answer;
  const isOpened = socket.kind === 'opened';
  if (state === 'unseen') {
    if (isOpened) return [unknown('attempt', 'another gateway answers by HTTP than by the socket')];
    if (rememberedMs < attemptMs) return [unknown('attempt', 'the gateway no longer remembers it, if it came')];
    return [
      failed('attempt', {
        name: 'never-arrived',
        hop: 'proxy',
        found: 'the gateway answers by HTTP, and this attempt never reached it as one',
        todo: `${passUpgrades} Else look for an extension or a scanner of viruses.`,
        explains: notOpened,
      }),
    ];
  }
  if (state === 'refused') {
    if (isOpened && socket.refusal !== undefined) return [ok('attempt', 'the gateway says the same of it')];
    if (typeof refusal?.code === 'number') return [refused('attempt', refusal, facts)];
    return [
      failed('attempt', {
        name: 'refused',
        hop: 'gateway',
        found: 'the gateway refused it, and does not tell this page why',
        todo: 'Add the origin of this page to TELLTALE_ALLOWED_ORIGINS, or look into the log of the gateway.',
        explains: notOpened,
      }),
    ];
  }
  if (isOpened) {
    return [
      ok(
        'attempt',
        ended === undefined ? 'the gateway let it in' : `the gateway let it in and ended it (${ended.name})`,
      ),
    ];
  }
  return [
    failed('attempt', {
      name: 'broken-on-the-way',
      hop: 'proxy',
      found: 'the gateway let it in, and its answer did not arrive as it was sent',
      todo: 'Look for a proxy between that alters or holds back the answer to an upgrade.',
      explains: notOpened,
    }),
  ];
}

export function lookAtSubprotocol({ isOpen, isForeign, socket, bare }: Facts): readonly Finding[] {
  if (isForeign || isOpen) return [];
  if (bare?.kind === 'opened') {
    return [
      failed('subprotocol', {
        name: 'subprotocol-none',
        hop: 'server',
        found:
          'it opens where neither subprotocol nor credential is offered: of those offered none is chosen, on which browsers fail',
        todo: 'Let the server answer with one of the subprotocols it is offered, and the proxy pass Sec-WebSocket-Protocol on both ways.',
        explains: notOpened,
      }),
    ];
  }
  if (socket?.kind !== 'opened') return [];
  if (socket.protocol === '') {
    return [
      warning('subprotocol', {
        name: 'subprotocol-none',
        hop: 'server',
        found: 'the server chose none of the subprotocols it was offered, on which browsers fail',
        todo: 'Let the server answer with one of them.',
      }),
    ];
  }
  return [ok('subprotocol', 'the server chose one of those it was offered')];
}
