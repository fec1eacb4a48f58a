import * as vscode from 'vscode';
import { secondOptions } from '../../views/common/words/point-time.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 MiB`, `1.5 TiB`: binary units, at most one decimal. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** An ISO time as the person's locale writes it; '' for none. */
export function formatTime(iso: string | null): string {
  if (iso === null || iso === '') return '';
  return new Date(iso).toLocaleString(vscode.env.language, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
}

/** An ISO time to the second, as the person's locale writes it, without the year if it is this one; '' for none. */
export function formatSecond(iso: string | null, now: number = Date.now()): string {
  if (iso === null || iso === '') return '';
  const time = new Date(iso);
  return time.toLocaleString(vscode.env.language, secondOptions(time, new Date(now)));
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
  ['week', 7 * 86_400],
  ['month', 30 * 86_400],
  ['year', 365 * 86_400],
];

/** Returns the age of an ISO time, short enough for a narrow row; '' without a time. */
export function formatAgo(iso: string | null, now: number = Date.now()): string {
  const time = Date.parse(iso ?? '');
  if (Number.isNaN(time)) return '';
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  if (seconds < 60) return vscode.l10n.t('now');
  const [unit, size] = STEPS.findLast(([, least]) => seconds >= least) ?? ['minute', 60];
  const format = new Intl.RelativeTimeFormat(vscode.env.language, { style: 'narrow' });
  return format.format(-Math.floor(seconds / size), unit);
}

/** `3 s`, `2 min 5 s`, `1 h 4 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return vscode.l10n.t('{0} s', whole);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return vscode.l10n.t('{0} min {1} s', minutes, whole % 60);
  return vscode.l10n.t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}
