import type { Warning } from '../../api/backup.ts';
import { formatJson } from '../../base/json-fields.ts';
import type { PointManifest, Reason } from './manifest.ts';

/** What a reader of manifests accepts. */
export const MAX_DISKS = 1024;
export const MAX_TEXT = 4096;
export const MAX_WARNINGS = 1000;
export const MAX_EVIDENCE = 64;
/** More than any real point needs; a larger file is refused before it is read. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;

/** What a writer keeps: less than a reader accepts, so that all of it together stays far below the limit of the file. */
const KEEP = { text: 4000, warnings: 200, warning: 2000, evidence: 60, value: 1000, name: 200 };
/** If it does not all the same, as with hundreds of disks, each with its own reasons. */
const KEEP_LESS = { text: 500, warnings: 50, warning: 500, evidence: 5, value: 100, name: 100 };
type Keep = typeof KEEP;

/** Room that other fields, such as a checksum, may take after this. */
const RESERVE = 64 * 1024;

/**
 * Cuts what hosts and stores put into a manifest in any length to what its reader accepts: texts, warnings, evidence. So a point
 * whose data is all there is never refused at its commit because of a long message. Ids and paths are kept as they are.
 */
export function withinBounds(manifest: PointManifest): PointManifest {
  const bounded = cutAll(manifest, KEEP);
  return formatJson(bounded).length <= MANIFEST_LIMIT - RESERVE
    ? bounded
    : cutAll(manifest, KEEP_LESS);
}

function cutAll(manifest: PointManifest, keep: Keep): PointManifest {
  const { vm, disks, excluded, warnings, methodReason } = manifest;
  return {
    ...manifest,
    vm: { ...vm, name: shortText(vm.name, keep.text) },
    reason: shortReason(manifest.reason, keep),
    methodReason: methodReason === null ? null : shortReason(methodReason, keep),
    disks: disks.map((disk) => ({ ...disk, reason: shortReason(disk.reason, keep) })),
    excluded: excluded.map((each) => ({
      ...each,
      path: shortText(each.path, keep.text),
      why: shortText(each.why, keep.text),
    })),
    warnings: shortList(warnings, keep.warnings, (left): Warning => ({
      code: 'warnings.more',
      message: `${left} more warnings were left out`,
    })).map((each) => ({ ...each, message: shortText(each.message, keep.warning) })),
  };
}

function shortReason(reason: Reason, keep: Keep): Reason {
  const all = Object.entries(reason.evidence as Readonly<Record<string, unknown>>);
  const kept = shortList(all, keep.evidence, (left): [string, unknown] => ['more', left]);
  const evidence = Object.fromEntries(
    kept.map(([name, value]) => [shortText(name, keep.name), plainValue(value, keep.value)]),
  );
  return { ...reason, text: shortText(reason.text, keep.text), evidence };
}

/** Evidence is flat: anything else becomes its JSON. */
function plainValue(value: unknown, max: number): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return shortText(value, max);
  return shortText(JSON.stringify(value) ?? '', max);
}

/** At most `max` items; the last one then says how many are left out. */
function shortList<T>(list: readonly T[], max: number, rest: (left: number) => T): readonly T[] {
  if (list.length <= max) return list;
  return [...list.slice(0, max - 1), rest(list.length - max + 1)];
}

/** Text of at most `max` UTF-16 units that never ends in half a character. */
export function shortText(text: string, max: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= max) return whole;
  return `${whole.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
