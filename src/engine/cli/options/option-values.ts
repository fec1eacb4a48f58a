import path from 'node:path';
import { parseBytes } from '../../base/format-bytes.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Context } from '../contract/command.ts';

/**
 * Reads and checks option values. Throws `usage` with the found and the expected value; exit status
 * 2.
 */
export function required(context: Context, name: string): string {
  const text = context.options.text(name);
  if (text === undefined || text === '') throw usage(`--${name} is required`);
  return text;
}

export function choice<T extends string>(
  context: Context,
  name: string,
  allowed: readonly T[],
  otherwise: T,
): T {
  const text = context.options.text(name);
  if (text === undefined) return otherwise;
  if ((allowed as readonly string[]).includes(text)) return text as T;
  throw usage(`Invalid value “${text}” of --${name}: expected ${allowed.join(', ')}`);
}

export function wholeNumber(
  context: Context,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = context.options.text(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usage(
    `Invalid value “${text}” of --${name}: expected a whole number from ${least} to ${most}`,
  );
}

/** Reads a number of bytes with an optional suffix K, M, G or T. */
export function byteCount(context: Context, name: string): number | undefined {
  const text = context.options.text(name);
  return text === undefined ? undefined : bytesOf(name, text);
}

export function bytesOf(name: string, text: string): number {
  const value = parseBytes(text);
  if (value !== undefined) return value;
  throw usage(
    `Invalid value “${text}” of --${name}: expected a number of bytes such as 4096, 64K, 10M, 2G or 1T`,
  );
}

/** Resolves a path of this machine against the current folder. */
export function localPath(context: Context, text: string): string {
  return path.resolve(context.io.cwd, text);
}
