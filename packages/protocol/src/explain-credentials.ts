// The texts of what can be wrong with a credential and with whose it is. A part of the table in explain-refusals.ts, which
// alone calls it; nothing here ever holds the text of a credential.

import type { RefusalName } from './codes.ts';
import { asked, expected, quoted, type RefusalText } from './refusal-text.ts';
import { span } from './span.ts';

type CredentialRefusal = Extract<
  RefusalName,
  | `token-${string}`
  | `ticket-${string}`
  | `machine-${string}`
  | 'account-disabled'
  | 'agent-revoked'
  | 'credential-unchecked'
  | 'admission-failed'
>;

const signInAgain = 'Sign in again for a new token.';

export const credentialTexts: Readonly<Record<CredentialRefusal, RefusalText>> = {
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
};
