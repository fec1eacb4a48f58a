import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { ShadowCopy, WriterStatus } from '../model.ts';
import { vssError } from '../vss-errors.ts';
import { logLines } from './log-text.ts';
import { readComponents } from './read-components.ts';
import { readShadows } from './read-shadows.ts';
import { readWriters } from './read-writers.ts';

/** Everything that can be read of a log of diskshadow without knowing its language. */
export interface DiskshadowLog {
  /** The set that the script made; null if the log shows none or several. */
  readonly set: Guid | null;
  readonly shadows: readonly ShadowCopy[];
  readonly writers: readonly WriterStatus[];
  /** Names of the components that take part, of all writers; empty if the log does not show any. */
  readonly components: readonly string[];
  /** HRESULTs that name failures, in the order of the log, each once. */
  readonly hresults: readonly number[];
  /** Calls of VSS that failed; diskshadow prints some of them without an HRESULT. */
  readonly failedCalls: readonly string[];
}

/** Name in errors of what diskshadow printed on a host. */
export const HOST_LOG = 'The answer of the host';

/** Maximum number of failures that are kept. */
const MAX_FAILURES = 1000;

/** Errors of VSS are printed without 0x, behind a word that is the same in all languages. */
const RETURNED = /HRESULT[^0-9A-Fa-f\n]{0,16}(?:0x)?([89a-f][0-9a-f]{7})\b/gi;
const NAMED = /\b0x([89a-f][0-9a-f]{7})\b/gi;
const CALL = /\bCOM call "([^"]{1,200})"/;

/**
 * Reads a log of diskshadow (`/l`, or its output). Throws `vss.log` if nothing in it is of
 * diskshadow.
 * @param name of the file, for errors
 */
export function readDiskshadowLog(bytes: Uint8Array, name: string): DiskshadowLog {
  const lines = logLines(bytes, name);
  const log = {
    shadows: readShadows(lines),
    writers: readWriters(lines),
    components: readComponents(lines),
    hresults: hresultsIn(lines),
    failedCalls: lines.flatMap((line) => CALL.exec(line)?.[1] ?? []).slice(0, MAX_FAILURES),
  };
  const empty = Object.values(log).every((each) => each.length === 0);
  if (empty && !lines.some((line) => line.startsWith('-> '))) {
    throw vssError('vss.log', `${name} is not a log of diskshadow`, {
      data: {
        path: name,
        found: lines.find((line) => line.trim() !== '')?.slice(0, 100) ?? '',
        expected: 'commands after "-> ", shadow copies, writers or HRESULTs',
      },
    });
  }
  return { ...log, set: setOf(log.shadows) };
}

/**
 * Reads the log of a job's folder; null if nothing in it is of diskshadow yet: it is still being
 * written, or was cut off behind the greeting.
 */
export function readJobLog(bytes: Uint8Array): DiskshadowLog | null {
  try {
    return readDiskshadowLog(bytes, HOST_LOG);
  } catch (error) {
    if (isEngineError(error, 'vss.log')) return null;
    throw error;
  }
}

function hresultsIn(lines: readonly string[]): readonly number[] {
  const found = new Set<number>();
  for (const line of lines) {
    for (const pattern of [RETURNED, NAMED]) {
      for (const [, hex = ''] of line.matchAll(pattern)) {
        if (found.size < MAX_FAILURES) found.add(Number.parseInt(hex, 16));
      }
    }
  }
  return [...found];
}

/** Returns the set of all shadow copies with an alias, which the script made itself. */
function setOf(shadows: readonly ShadowCopy[]): Guid | null {
  const ours = shadows.filter(({ alias }) => alias !== null);
  const sets = new Set((ours.length > 0 ? ours : shadows).map(({ set }) => set));
  const [only = null] = sets;
  return sets.size === 1 ? only : null;
}
