import { tryParseGuid } from '../../base/guid.ts';
import type { WriterStatus } from '../model.ts';

/** Maximum number of writers; a host has some 20. */
const MAX_WRITERS = 1024;

const STATE = /\b(\d{1,2}) \((VSS_WS_[A-Z_]{1,64})\)/;
const FAILURE = /\b0x([0-9a-f]{8})\b/i;
const ID = /\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}/i;
const NAME = /^\s*\*.*["“](.{1,256}?)["”]/;

type Found = { -readonly [Key in keyof WriterStatus]: WriterStatus[Key] };

/**
 * Reads what `list writers status` prints: per writer a line with a bullet and its name in quotes,
 * then its state, its failure, its id and that of its instance, in this order.
 * @param lines of the log
 */
export function readWriters(lines: readonly string[]): readonly WriterStatus[] {
  const found: Found[] = [];
  let current: Found | undefined;
  for (const line of lines) {
    const name = NAME.exec(line)?.[1];
    if (name !== undefined && found.length < MAX_WRITERS) {
      current = {
        name,
        writer: null,
        instance: null,
        state: 0,
        stateName: null,
        failure: 0,
      };
      found.push(current);
    } else if (current !== undefined) addTo(current, line);
  }
  // Lines of shadow copies have bullets, too, and no state.
  return found.filter(({ stateName }) => stateName !== null);
}

function addTo(writer: Found, line: string): void {
  const [, state, stateName] = STATE.exec(line) ?? [];
  if (state !== undefined && stateName !== undefined) {
    [writer.state, writer.stateName] = [Number(state), stateName];
    return;
  }
  const failure = FAILURE.exec(line)?.[1];
  if (failure !== undefined) writer.failure = Number.parseInt(failure, 16);
  const id = tryParseGuid(ID.exec(line)?.[0] ?? '');
  if (id === undefined) return;
  if (writer.writer === null) writer.writer = id;
  else writer.instance ??= id;
}
