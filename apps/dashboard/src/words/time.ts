// Times and ages as words, one form for the whole app. Pure; callers pass milliseconds and the clock they trust.

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

/** A length of time: `0.4 s`, `12 s`, `4 min`, `6 h 12 m`, `6 d 4 h`. One unit up to an hour, two above. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < second) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h ${Math.floor((ms % hour) / minute)} m`;
  return `${Math.floor(ms / day)} d ${Math.floor((ms % day) / hour)} h`;
}

/** A length that somebody wants exactly: `58 s`, `1 min 48 s`, `2 h 3 m`. */
export function exactDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < minute || ms >= hour) return duration(Math.max(ms, second));
  const seconds = Math.floor((ms % minute) / second);
  return seconds === 0 ? `${Math.floor(ms / minute)} min` : `${Math.floor(ms / minute)} min ${seconds} s`;
}

/** `4 min ago`, `12 s ago`. */
export function ago(milliseconds: number): string {
  return `${duration(milliseconds)} ago`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:03:07` in the browser's zone. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:03:07.18` in the browser's zone: for lines, of which many come in a second. */
export function clockHundredth(at: number): string {
  return `${clock(at)}.${two(Math.floor(new Date(at).getMilliseconds() / 10))}`;
}

/** `14:03:07.184` in the browser's zone: for one moment that is looked at closely. */
export function clockThousandth(at: number): string {
  return `${clock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

/** `14:03` in the browser's zone. */
export function clockMinute(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-10-04 14:03`: for what may be days old. */
export function dayAndTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockMinute(at)}`;
}

/** A time as `form` writes it where it is of the same day as `now`, else with its day. */
export function dayOr(form: (at: number) => string, at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? form(at) : dayAndTime(at);
}

/** The browser's zone: `Europe/Vienna, UTC+02:00`, or plainly `UTC`. */
export function zone(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const sign = offset < 0 ? '−' : '+';
  const size = Math.abs(offset);
  const name = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (name === 'UTC') return name;
  return `${name}, UTC${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
