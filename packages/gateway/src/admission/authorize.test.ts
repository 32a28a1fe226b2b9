// What the application's word on a token is told of the request: enough to know a machine by, and never a credential.

import { describe, expect, it } from 'vitest';
import { startEdge, secret } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import { eventually } from '../testing/plain-client.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';
import type { ClaimedIdentity, CredentialRequest, Verified } from '../types.ts';

/** Lets everybody in and keeps what it was told. */
function listening(): {
  told: (CredentialRequest | undefined)[];
  authorize: (claimed: ClaimedIdentity, request: CredentialRequest | undefined) => Verified;
} {
  const told: (CredentialRequest | undefined)[] = [];
  return {
    told,
    authorize(claimed, request) {
      told.push(request);
      return claimed;
    },
  };
}

/** Everything a request says, maps included, as one text. */
const textOf = (request: CredentialRequest | undefined): string =>
  JSON.stringify({ ...request, parameters: [...(request?.parameters ?? [])] });

describe('the hook authorize', () => {
  it('is told from where and how it was asked, each parameter as it was given first', async () => {
    const { told, authorize } = listening();
    await using edge = await startEdge({ credentials: { secret, authorize } });
    await edge.open('/ws/?machine=web%2F1&machine=web-2&empty&x=%C3%A9', {
      headers: { Authorization: `Bearer ${await signToken()}`, 'User-Agent': 'agent/1' },
    });
    expect(told).toEqual([
      {
        address: '127.0.0.1',
        path: '/ws/',
        userAgent: 'agent/1',
        parameters: new Map([
          ['machine', 'web/1'],
          ['empty', ''],
          ['x', 'é'],
        ]),
      },
    ]);
  });

  it('[REF7] is never told a credential, wherever it was', async () => {
    const { told, authorize } = listening();
    await using edge = await startEdge({ credentials: { secret, authorize } });
    const token = await signToken();
    const holder = await edge.policy.credentials.checkBearer(token);
    if (holder.kind === 'refused') throw new Error(holder.reason);
    const { ticket } = edge.policy.tickets.issue({ identity: holder.identity }, undefined);
    const opened = [
      await edge.open(`/ws/?token=${token}&machine=a`),
      await edge.open(`/ws/?machine=a&ticket=${ticket}`),
      await edge.open('/ws/?machine=a', { headers: { Authorization: `Bearer ${token}` } }),
      await edge.open('/ws/?machine=a', { protocols: ['telltale.v1', `bearer.${token}`] }),
    ];
    expect(opened.map(({ first }) => first?.['type'])).toEqual(Array(4).fill('welcome'));
    const requests = told.slice(1);
    expect(requests.map((request) => request?.parameters.get('machine'))).toEqual(Array(4).fill('a'));
    const [, claims = ''] = token.split('.');
    for (const text of requests.map(textOf)) {
      for (const credential of [token, claims, ticket]) expect(text).not.toContain(credential);
    }
  });

  it('is told what an HTTP route says, and of nothing where a live session renews itself', async () => {
    const { told, authorize } = listening();
    await using started = await startGateway({ credentials: { secret, authorize } });
    const token = testToken({}, secret);
    const request = { address: '10.0.0.7', path: '/api/me', userAgent: undefined, parameters: new Map([['a', 'b']]) };
    expect(await started.gateway.authenticate(token, request)).toMatchObject({ kind: 'identity' });
    expect(await started.gateway.authenticate(token)).toMatchObject({ kind: 'identity' });
    const client = started.connect(`/ws/?token=${token}&machine=a`);
    await client.welcome();
    await client.request({ type: 'authenticate', token });
    await eventually('four questions', () => told.length === 4);
    expect(told).toEqual([request, undefined, expect.objectContaining({ path: '/ws/' }), undefined]);
  });

  it('[ADM13] refuses a machine that is not the one a credential is pinned to, and says so', async () => {
    const authorize = (claimed: ClaimedIdentity, request: CredentialRequest | undefined): Verified => {
      const machine = request?.parameters.get('machine');
      if (machine === undefined) return { kind: 'refused', name: 'machine-missing' };
      return machine === 'a' ? claimed : { kind: 'refused', name: 'machine-mismatch' };
    };
    await using edge = await startEdge({ credentials: { secret, authorize } });
    const open = async (query: string): Promise<unknown> =>
      JSON.parse((await edge.open(`/ws/?token=${await signToken()}${query}`)).body || '{}');
    expect(await open('')).toMatchObject({ code: 4403, name: 'machine-missing', stage: 'credential', retry: false });
    expect(await open('&machine=b&machine=a')).toMatchObject({
      code: 4403,
      name: 'machine-mismatch',
      reason: 'credential in use on another machine',
    });
    expect(await open('&machine=a')).toEqual({});
  });
});
