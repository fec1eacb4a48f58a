import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { ShadowCopy } from '../model.ts';

/** Maximum number of shadow copies; Windows has at most 512 of a volume. */
const MAX_SHADOWS = 4096;

/** Alias that diskshadow gives the set. */
const SET_ALIAS = 'VSS_SHADOW_SET';

const ID = /(\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\})(?:\s+%(\w{1,128})%)?/i;
const VOLUME = /\\\\\?\\Volume\{[^}\\]{1,64}\}\\/i;
const DEVICE = /\\\\\?\\GLOBALROOT\\Device\\[A-Za-z]{1,64}\d{1,9}/i;

type Found = { -readonly [Key in keyof ShadowCopy]: ShadowCopy[Key] };

/**
 * Reads the shadow copies that `create` and `list shadows` print. Each begins with a line that has a
 * bullet `*` and its id; the line with the next id is that of its set. Words are in the language of
 * the host; ids, aliases between percent signs, device names and attributes are not translated.
 * @param lines of the log
 */
export function readShadows(lines: readonly string[]): readonly ShadowCopy[] {
  const found = new Map<Guid, Found>();
  let current: Found | undefined;
  for (const line of lines) {
    const [, text = '', alias] = ID.exec(line) ?? [];
    const id = tryParseGuid(text);
    if (id !== undefined && /^\s*\*\s/.test(line)) current = begin(found, id, alias ?? null);
    else if (/^\s*(?:\*|->)\s/.test(line)) current = undefined;
    if (current !== undefined && id !== current.id) addTo(current, line, id, alias);
  }
  return [...found.values()];
}

/** Begins a shadow copy; what is printed again later replaces what was printed before. */
function begin(found: Map<Guid, Found>, id: Guid, alias: string | null): Found | undefined {
  if (!found.has(id) && found.size === MAX_SHADOWS) return undefined;
  const known = found.get(id)?.alias ?? null;
  const shadow: Found = {
    id,
    set: null,
    alias: alias ?? known,
    volume: null,
    device: null,
    noWriters: false,
    persistent: false,
  };
  found.set(id, shadow);
  return shadow;
}

function addTo(shadow: Found, line: string, id: Guid | undefined, alias: string | undefined): void {
  shadow.volume ??= VOLUME.exec(line)?.[0] ?? null;
  shadow.device ??= DEVICE.exec(line)?.[0] ?? null;
  const isVolume = VOLUME.test(line);
  // The id of the set comes before that of the provider.
  if (id !== undefined && !isVolume && (alias === SET_ALIAS || shadow.set === null)) {
    shadow.set = id;
  }
  if (/\bNo_Writers\b/.test(line)) shadow.noWriters = true;
  if (/\bPersistent\b/.test(line)) shadow.persistent = true;
}
