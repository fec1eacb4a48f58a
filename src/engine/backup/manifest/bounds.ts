import type { Warning } from '../../api/backup.ts';
import { formatJson } from '../../base/json-fields.ts';
import type { PointManifest, Reason } from './manifest.ts';

/** Limits that a reader of manifests enforces. */
export const MAX_DISKS = 1024;
export const MAX_TEXT = 4096;
/** VMs of a group. */
export const MAX_MEMBERS = 256;
export const MAX_WARNINGS = 1000;
export const MAX_EVIDENCE = 64;
/** More than any real point needs. A larger file is rejected before it is read. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;

/**
 * Limits for writing, smaller than those for reading, so that the whole file stays far below its
 * limit.
 */
const KEEP = { text: 4000, warnings: 200, warning: 2000, evidence: 60, value: 1000, name: 200 };
/**
 * Smaller limits for files that would still be too large, such as those of hundreds of disks, each
 * with its own reasons.
 */
const KEEP_LESS = { text: 500, warnings: 50, warning: 500, evidence: 5, value: 100, name: 100 };
type Keep = typeof KEEP;

/** Space reserved for fields that are added later, such as the checksum. */
const RESERVE = 64 * 1024;

/**
 * Shortens texts, warnings and evidence from hosts and stores to the lengths that the reader
 * accepts. A long message therefore never makes the commit of a complete point fail. IDs and paths
 * stay unchanged.
 */
export function withinBounds(manifest: PointManifest): PointManifest {
  const bounded = cutAll(manifest, KEEP);
  return formatJson(bounded).length <= MANIFEST_LIMIT - RESERVE
    ? bounded
    : cutAll(manifest, KEEP_LESS);
}

function cutAll(manifest: PointManifest, keep: Keep): PointManifest {
  const { vm, group, disks, excluded, warnings, methodReason } = manifest;
  return {
    ...manifest,
    vm: { ...vm, name: shortText(vm.name, keep.text) },
    ...(group === undefined
      ? {}
      : {
          group: {
            members: group.members.map(({ id, name }) => ({
              id,
              name: shortText(name, keep.name),
            })),
          },
        }),
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

/** Returns a flat value for the evidence: anything else becomes its JSON. */
function plainValue(value: unknown, max: number): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return shortText(value, max);
  return shortText(JSON.stringify(value) ?? '', max);
}

/** Keeps at most `max` items; the last one then gives the number of omitted items. */
function shortList<T>(list: readonly T[], max: number, rest: (left: number) => T): readonly T[] {
  if (list.length <= max) return list;
  return [...list.slice(0, max - 1), rest(list.length - max + 1)];
}

/** Shortens text to at most `max` UTF-16 units without cutting a surrogate pair. */
export function shortText(text: string, max: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= max) return whole;
  return `${whole.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
