// The texts of every refusal: a title of a few words, what was found against what was expected, and what to do.
// Called by explain.ts only, which has made the values fit to show. A new refusal is one line in codes.ts and one here.

import type { RefusalName } from './codes.ts';
import { span } from './span.ts';

/** What is known about a refused attempt. All of it is shown to whoever made the attempt: never a credential. */
export interface RefusalFound {
  /** Path without query. */
  readonly path?: string;
  readonly origin?: string;
  readonly host?: string;
  /** Name of the header or query parameter in question. */
  readonly field?: string;
  /** The value found. */
  readonly value?: string;
  /** What would have been right. */
  readonly expected?: string;
  /** Seconds since the token's expiry, or until it becomes valid. */
  readonly seconds?: number;
  /** The bound that was passed. */
  readonly limit?: number;
}

type Text = (found: RefusalFound) => string;

export interface RefusalText {
  readonly title: string;
  readonly reason: Text;
  readonly hint: Text | string;
}

const quoted = (text: string | undefined, otherwise: string): string => (text === undefined ? otherwise : `"${text}"`);
const found = (text: string | undefined): string => (text === undefined ? '' : `: found ${text}`);
const expected = (text: string | undefined): string => (text === undefined ? '' : `, expected ${text}`);
const asked = ({ value, expected: right }: RefusalFound): string => found(value) + expected(right);
const signInAgain = 'Sign in again for a new token.';

export const refusalTexts: Readonly<Record<RefusalName, RefusalText>> = {
  'path-unknown': {
    title: 'no such endpoint',
    reason: (f) => `there is no endpoint at ${quoted(f.path, 'this path')}${expected(f.expected)}`,
    hint: 'Correct the path of the WebSocket address.',
  },
  'target-malformed': {
    title: 'malformed address',
    reason: () => 'the request names a full address or begins with "//", expected a path such as /ws/',
    hint: 'Connect directly or through a reverse proxy that forwards only the path.',
  },
  'host-not-allowed': {
    title: 'host not allowed',
    reason: (f) =>
      `the request is for host ${quoted(f.host, 'another host')}, in development only loopback is answered`,
    hint: 'Use http://localhost with the port of the gateway, name the host in TELLTALE_HOST, or run in production mode.',
  },
  'method-not-get': {
    title: 'method not GET',
    reason: (f) => `found method ${f.value ?? 'other than GET'}, a WebSocket is opened with GET`,
    hint: 'Open the address with a WebSocket client.',
  },
  'http-version': {
    title: 'HTTP version',
    reason: (f) => `found HTTP/${f.value ?? '1.0'}, a WebSocket is opened over HTTP/1.1`,
    hint: 'Set `proxy_http_version 1.1` (nginx) or its like in the proxy before the gateway.',
  },
  'header-missing': {
    title: 'header missing',
    reason: (f) => `the header ${f.field ?? 'of the handshake'} is missing`,
    hint: 'Use a WebSocket client, and let proxies pass all headers of the handshake.',
  },
  'header-repeated': {
    title: 'header repeated',
    reason: (f) => `the header ${f.field ?? 'of the handshake'} arrived more than once`,
    hint: 'Let only one side set it: often a proxy adds what the client already sent.',
  },
  'header-malformed': {
    title: 'header malformed',
    reason: (f) => `the header ${f.field ?? 'of the handshake'} is malformed${expected(f.expected)}`,
    hint: 'Use a client that speaks RFC 6455.',
  },
  'headers-too-large': {
    title: 'headers too large',
    reason: (f) =>
      `the handshake has ${f.value ?? 'too much'} of headers, at most ${f.limit ?? 16} KiB are taken; most of it is ${f.field ?? 'one of them'}`,
    hint: (f) =>
      f.field === 'Cookie'
        ? 'Delete the cookies of this site, and let whoever sets them keep less there: browsers send them to every port of a name.'
        : 'Send less in it: a token of up to 4,096 characters fits beside what browsers send.',
  },
  'upgrade-missing': {
    title: 'not a WebSocket request',
    reason: (f) => `this address speaks WebSocket; the request arrived without ${f.value ?? 'an upgrade'}`,
    hint: 'Open it with a WebSocket client; if one was used, a proxy between removes these headers: let it pass Upgrade and Connection.',
  },
  'version-unsupported': {
    title: 'WebSocket version',
    reason: (f) => `found Sec-WebSocket-Version ${f.value ?? 'other than 13'}, expected 13`,
    hint: 'Update the WebSocket client.',
  },
  'body-on-upgrade': {
    title: 'body on the handshake',
    reason: (f) => `the handshake announces a body with ${f.field ?? 'a header'}; it must have none`,
    hint: 'Send credentials in the query, the subprotocol or the Authorization header, not in a body.',
  },
  'query-malformed': {
    title: 'malformed query',
    reason: (f) => `the query parameter ${quoted(f.field, '(unnamed)')} ${f.value ?? 'is not valid percent-encoding'}`,
    hint: 'Encode each value with encodeURIComponent and give each parameter once.',
  },
  'attempt-malformed': {
    title: 'malformed attempt id',
    reason: () => 'the parameter `attempt` is not 22 to 64 characters of A-Z a-z 0-9 _ -',
    hint: 'Make it of 16 random bytes in base64url, or leave it out.',
  },
  'attempt-reused': {
    title: 'attempt id used before',
    reason: () => 'the id in the parameter `attempt` belongs to an earlier attempt',
    hint: 'Make a new id for each attempt.',
  },
  'credential-repeated': {
    title: 'several credentials',
    reason: (f) => `found more than one credential${found(f.value)}`,
    hint: 'Send one: ?token=, the subprotocol bearer.<jwt>, Authorization: Bearer or ?ticket=.',
  },
  'origin-not-allowed': {
    title: 'origin not allowed',
    reason: (f) => `pages of origin ${quoted(f.origin, 'unknown')} may not connect to this gateway`,
    hint: (f) => `Add it where the gateway runs: TELLTALE_ALLOWED_ORIGINS=${f.origin ?? '<the origin of the page>'}`,
  },
  'origin-needs-token': {
    title: 'origin needs a token',
    reason: (f) =>
      `without a token only pages on this machine may connect, even in development; found origin ${quoted(f.origin, 'unknown')}`,
    hint: 'Send a valid token, or open the page on http://localhost.',
  },
  'too-many-attempts': {
    title: 'too many refused attempts',
    reason: (f) => `more than ${f.limit ?? 10} refused attempts from this address in 10 seconds`,
    hint: 'Stop repeating what is refused; the earlier answers say why.',
  },
  'too-many-sessions': {
    title: 'too many sessions',
    reason: (f) =>
      `${f.value ?? 'this user or address'} already has ${f.limit ?? 'as many'} sessions, the most allowed`,
    hint: 'Close sessions that are no longer needed, or share one between tabs.',
  },
  'at-capacity': {
    title: 'gateway full',
    reason: (f) => `the gateway holds ${f.limit ?? 'its'} sessions, the most it is set to`,
    hint: 'Come back after the time named, or raise the limit maxSessions.',
  },
  'admission-queue': {
    title: 'many are connecting',
    reason: (f) => `more than ${f.limit ?? 'the allowed number of'} sessions a second are being opened`,
    hint: 'Come back after the time named; clients do so by themselves.',
  },
  stopping: {
    title: 'gateway stopping',
    reason: () => 'the gateway is stopping',
    hint: 'Come back after the time named: another one, or this one again, will answer.',
  },
  'deadline-passed': {
    title: 'decision took too long',
    reason: (f) => `the attempt could not be decided within ${f.seconds ?? 5} s`,
    hint: 'Try again; the operator should see which key server or store is slow.',
  },
  'token-missing': {
    title: 'no credential',
    reason: (f) => `no credential was sent${f.value === undefined ? '' : `, and ${f.value}`}`,
    hint: 'Send a token: ?token=<jwt>, the subprotocol bearer.<jwt> or Authorization: Bearer <jwt>.',
  },
  'token-placeholder': {
    title: 'not a token',
    reason: (f) => `instead of a token the request carries ${f.value ?? 'a placeholder'}`,
    hint: 'The program read its token before it had one, or wrapped it: read it when connecting and send it bare.',
  },
  'token-malformed': {
    title: 'malformed token',
    reason: (f) => `the credential is no JWT${asked(f)}`,
    hint: 'Send the whole token as the sign-in gave it, URL-encoded where it is in the query.',
  },
  'token-too-long': {
    title: 'token too long',
    reason: (f) => `the token has ${f.value ?? 'too many'} characters, at most ${f.limit ?? 4096} are read`,
    hint: 'Put fewer claims into the token.',
  },
  'token-header': {
    title: 'token header not supported',
    reason: (f) => `the header of the token asks for what is not understood${asked(f)}`,
    hint: 'Sign plain access tokens: no `crit`, no `b64`, `typ` JWT or at+jwt.',
  },
  'token-algorithm': {
    title: 'token algorithm',
    reason: (f) => `the token is signed with an algorithm that is not accepted here${asked(f)}`,
    hint: 'Sign with an accepted algorithm, or configure the issuer of this token.',
  },
  'token-unsigned': {
    title: 'unsigned token',
    reason: () => 'the token is not signed (alg "none")',
    hint: 'Sign it with the secret or key the gateway knows.',
  },
  'token-key': {
    title: 'unknown signing key',
    reason: (f) =>
      `the issuer publishes no key that fits this token${f.value === undefined ? '' : ` (kid "${f.value}")`}`,
    hint: 'Sign with a key that is in the key set of the issuer, and name it in `kid`.',
  },
  'token-signature': {
    title: 'wrong signature',
    reason: () => 'the signature of the token does not fit the key of this gateway',
    hint: 'The token is from another server or secret, or was altered: sign in here, or compare the secrets.',
  },
  'token-issuer-missing': {
    title: 'token names no issuer',
    reason: (f) => `the token has no claim \`iss\`${expected(f.expected)}`,
    hint: 'Set `iss` when signing.',
  },
  'token-issuer': {
    title: 'wrong issuer',
    reason: (f) => `the token is of an issuer that is not accepted here${asked(f)}`,
    hint: 'Use a token of this gateway, or set TELLTALE_ISSUER to the issuer of the tokens.',
  },
  'token-audience-missing': {
    title: 'token names no audience',
    reason: (f) => `the token has no claim \`aud\`${expected(f.expected)}`,
    hint: 'Set `aud` when signing.',
  },
  'token-audience': {
    title: 'wrong audience',
    reason: (f) => `the token is meant for another audience${asked(f)}`,
    hint: 'Ask for a token for this gateway, or set TELLTALE_AUDIENCE to the audience of the tokens.',
  },
  'token-subject-missing': {
    title: 'token names nobody',
    reason: () => 'the token has no claim `sub`',
    hint: 'Set `sub` to the id of the user when signing.',
  },
  'token-subject': {
    title: 'malformed subject',
    reason: () => 'the claim `sub` is not a text of 1 to 256 characters without control characters',
    hint: 'Set `sub` to a plain id when signing.',
  },
  'token-expiry-missing': {
    title: 'token without expiry',
    reason: () => 'the token has no claim `exp`; tokens that never expire are not accepted',
    hint: 'Set `exp` when signing, 15 minutes ahead for example.',
  },
  'token-claim': {
    title: 'malformed claim',
    reason: (f) => `the claim \`${f.field ?? '?'}\` is not what it must be${expected(f.expected)}`,
    hint: 'Correct the claim where the token is signed; times are whole seconds since 1970.',
  },
  'token-scope': {
    title: 'unknown scope',
    reason: (f) => `the claim \`scope\` names none that is known${asked(f)}`,
    hint: 'Use viewer, operator or admin, or leave it out for viewer.',
  },
  'token-expired': {
    title: 'token expired',
    reason: (f) => `the token expired${f.seconds === undefined ? '' : ` ${span(f.seconds * 1000)} ago`}`,
    hint: 'Get a new token and connect again; if it is new, compare the clocks of both machines.',
  },
  'token-not-yet-valid': {
    title: 'token not yet valid',
    reason: (f) =>
      `by the claim \`${f.field ?? 'nbf'}\` the token becomes valid${f.seconds === undefined ? ' later' : ` in ${span(f.seconds * 1000)}`}`,
    hint: 'Compare the clocks of the signing machine and of this one.',
  },
  'token-revoked': {
    title: 'token revoked',
    reason: () => 'this token was revoked',
    hint: signInAgain,
  },
  'token-session-ended': {
    title: 'sign-in ended',
    reason: () => 'the sign-in this token belongs to has ended',
    hint: `${signInAgain} It ended by signing out, a changed password or a decision of the owner.`,
  },
  'ticket-unknown': {
    title: 'ticket not valid',
    reason: () => 'the ticket is unknown, was used before or is older than 30 s',
    hint: 'Get a new ticket for each connection, right before connecting.',
  },
  'ticket-origin': {
    title: 'ticket of another origin',
    reason: (f) => `the ticket was bought from another origin than ${quoted(f.origin, 'none')}`,
    hint: 'Buy the ticket from the page that connects.',
  },
  'account-disabled': {
    title: 'account disabled',
    reason: () => 'the account of this token is disabled',
    hint: 'Ask an administrator to enable it.',
  },
  'agent-revoked': {
    title: 'agent revoked',
    reason: () => 'the credential of this agent was revoked',
    hint: 'Enrol the machine anew: an admin makes a token for it on the Agents page.',
  },
  'machine-missing': {
    title: 'machine not named',
    reason: () => 'the credential belongs to one machine, and the parameter `machine` that names it is missing',
    hint: 'Add ?machine=<fingerprint>, the one the agent was enrolled with.',
  },
  'machine-mismatch': {
    title: 'other machine',
    reason: () => 'credential in use on another machine',
    hint: 'If this machine takes its place, an admin allows it on the Agents page; if it is one more, enrol it anew under its own name.',
  },
  'credential-unchecked': {
    title: 'credential not checked',
    reason: () => 'the credential could not be checked: the key server or store did not answer',
    hint: 'Come back after the time named; the credential itself may be good, keep it.',
  },
  'admission-failed': {
    title: 'error on the server',
    reason: () => 'something failed on the server while the attempt was decided',
    hint: "The server's log has the trace, under the id of this attempt.",
  },
  'channel-forbidden': {
    title: 'channel not allowed',
    reason: (f) => `this identity may not read ${quoted(f.value, 'the channel of this endpoint')}`,
    hint: 'Ask an operator for access, or sign in as somebody who has it.',
  },
  'channel-unknown': {
    title: 'no such channel',
    reason: (f) => `there is no channel ${quoted(f.value, 'for this endpoint')}`,
    hint: 'Check the name in the path.',
  },
  'endpoint-forbidden': {
    title: 'endpoint not allowed',
    reason: (f) => `this identity may not connect to ${quoted(f.path, 'this endpoint')}`,
    hint: 'Use an endpoint meant for this kind of identity, or ask for access.',
  },
};
