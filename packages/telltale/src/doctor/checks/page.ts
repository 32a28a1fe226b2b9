// What the browser forbids a page before anything is sent: unencrypted sockets on an encrypted page, addresses its
// content security policy does not list, private addresses for public pages.

import { isIP } from 'node:net';
import { type Check, done, type Exam, fail, type Finding, pass, skip, warn } from '../check.ts';
import { forbidsConnection, policiesIn } from '../meaning/content-security-policy.ts';
import { isLoopback, isPrivate } from '../target.ts';

export const page: Check = {
  name: 'page',
  title: 'page',
  async run(exam) {
    const { target, options, facts } = exam;
    const { origin } = options;
    if (origin === undefined || origin === 'null') return skip();
    const findings: Finding[] = [];
    const { protocol, hostname } = new URL(origin);
    const pageHost = hostname.replace(/^\[|\]$/g, '');
    if (protocol === 'https:' && !target.isTls && !isLoopback(target.host)) {
      findings.push(
        fail({
          id: 'mixed-content',
          hop: 'page',
          found: `a page of ${origin} may not open ws://, the browser forbids it as mixed content`,
          cure: `use wss://${target.authority}${target.path}, with TLS before the server`,
        }),
      );
    }
    const isNear = (host: string): boolean => isLoopback(host) || isPrivate(host);
    // Who examines loopback sits on the server itself, where no page of elsewhere comes from.
    const isRemote = !isLoopback(target.host);
    if (
      isRemote &&
      isIP(pageHost) === 0 &&
      !isNear(pageHost) &&
      facts.addresses.length > 0 &&
      facts.addresses.every(isNear)
    ) {
      findings.push(
        warn({
          id: 'local-network-access',
          hop: 'page',
          found: `the server is at ${facts.addresses.join(', ')}, and a page of the public ${origin} reaches such an address only where the person permits it`,
          cure: 'serve the page from the same network, or allow the permission "local network access" for that site',
        }),
      );
    }
    const policy = await policyTrouble(exam, origin);
    if (policy !== undefined) findings.push(policy);
    return done(findings.length > 0 ? findings : pass(`nothing forbids a page of ${origin} to connect`));
  },
};

/** Asks for the page as a browser would; a page that cannot be had is not judged. */
async function policyTrouble(exam: Exam, origin: string): Promise<Finding | undefined> {
  const { names, wire, budget, target } = exam;
  const { protocol, hostname, port, host: authority } = new URL(origin);
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const stepMs = Math.min(budget.step(), 3000);
  const lookup = isIP(host) === 0 ? await names.lookup(host, 4, stepMs) : undefined;
  const address = lookup === undefined ? host : lookup.kind === 'found' ? lookup.addresses[0] : undefined;
  if (address === undefined) return undefined;
  const place = { address, host, port: port === '' ? (isTls ? 443 : 80) : Number(port), isTls };
  const answer = await wire.get(place, '/', authority);
  if (answer.kind !== 'answer' || answer.head.status !== 200) return undefined;
  const policies = policiesIn(answer.head.headers.get('content-security-policy') ?? [], answer.body);
  const forbidding = policies.find((policy) => forbidsConnection(policy, { origin, target }));
  if (forbidding === undefined) return undefined;
  const own = `${target.isTls ? 'wss' : 'ws'}://${target.authority}`;
  return fail({
    id: 'page-policy',
    hop: 'page',
    found: `the page’s Content-Security-Policy does not list ${own} for connect-src, so the browser blocks the socket`,
    cure: `add ${own} to connect-src where that header is set`,
  });
}
