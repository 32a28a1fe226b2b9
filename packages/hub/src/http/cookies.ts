// The hub's two cookies: the refresh token of a login, and the proof that a device has signed in before. Reading is
// strict: a cookie that arrives twice counts as none, so that nobody can toss another one in.

import { loginLifeMs } from '../accounts/refresh-token.ts';

export interface Cookies {
  readonly refreshName: string;
  readonly deviceName: string;
  /** `Set-Cookie` values. */
  refresh(value: string): string;
  endRefresh(): string;
  device(value: string): string;
}

/** A cookie's value if it arrived exactly once. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Names and attributes; with TLS the `__Host-` prefix, which no other host and no plain page can set. */
export function createCookies(options: { secure: boolean; port: number }): Cookies {
  // Cookies know no ports: two hubs on one machine would sign each other out under one name.
  const [prefix, suffix] = options.secure ? ['__Host-', ''] : ['', `-${options.port}`];
  const refreshName = `${prefix}telltale-refresh${suffix}`;
  const deviceName = `${prefix}telltale-device${suffix}`;
  const attributes = `Path=/; HttpOnly; SameSite=Strict${options.secure ? '; Secure' : ''}`;
  const lifeSeconds = Math.floor(loginLifeMs / 1000);
  return {
    refreshName,
    deviceName,
    refresh: (value) => `${refreshName}=${value}; Max-Age=${lifeSeconds}; ${attributes}`,
    endRefresh: () => `${refreshName}=; Max-Age=0; ${attributes}`,
    device: (value) => `${deviceName}=${value}; Max-Age=31536000; ${attributes}`,
  };
}
