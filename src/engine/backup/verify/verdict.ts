import type { Finding } from '../../api/host.ts';
import type { Guid } from '../../base/guid.ts';
import { shortText } from '../manifest/bounds.ts';
import { verifiedPath } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

/** Code of a point that was never finished. */
export const UNFINISHED = 'point.incomplete';

export interface PointVerdict {
  readonly id: string;
  /**
   * It was verified and has no finding of severity error. An unfinished point is neither ok nor
   * damaged.
   */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Whether a verdict reports damage; an unfinished point is not damaged. */
export const isDamaged = ({ findings }: PointVerdict): boolean =>
  findings.some(({ severity }) => severity === 'error');

/** Whether a verdict is of an unfinished point, of which nothing was verified. */
export const isUnfinished = ({ findings }: PointVerdict): boolean =>
  findings.some(({ code }) => code === UNFINISHED);

/** Writes the verdict of a point beside it, for the next backup and for lists of points. */
export async function keepVerdict(
  store: Store,
  vmId: Guid,
  verdict: PointVerdict,
  quick: boolean,
  signal: AbortSignal,
): Promise<void> {
  // A check of files and headers does not override an earlier result of reading every hash.
  if (quick && verdict.ok) {
    const last = await lastVerdict(store, vmId, verdict.id, signal);
    if (last !== undefined && !last.ok && !last.quick) return;
  }
  const record = {
    version: 1,
    time: new Date().toISOString(),
    quick,
    ok: verdict.ok,
    findings: shortFindings(verdict.findings),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`);
  // A finding must not be lost, since it prevents increments on the point. A good verdict can be
  // found again.
  const durability = verdict.ok ? 'passing' : 'durable';
  // A read-only store can still be verified.
  const path = verifiedPath(vmId, verdict.id);
  await store.replaceFile(path, bytes, signal, durability).catch(() => undefined);
}

/** The findings of a point's last verification. */
export interface LastVerdict {
  readonly ok: boolean;
  readonly time: string;
  readonly quick: boolean;
  readonly findings: readonly Finding[];
}

const MAX_FINDINGS = 1000;
/** Maximum file size that the reader accepts; each finding takes at most about 2 KiB. */
const VERDICT_LIMIT = 2 ** 20;
const MAX_KEPT = 400;
const MAX_MESSAGE = 500;

/**
 * Shortens a verdict's findings: enough to describe the damage, and small enough to be read again.
 */
function shortFindings(findings: readonly Finding[]): readonly Finding[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const others = findings.filter(({ severity }) => severity !== 'error');
  const kept = [...errors, ...others].slice(0, MAX_KEPT);
  return kept.map(({ code, severity, message }) => {
    return { code, severity, message: shortText(message, MAX_MESSAGE) };
  });
}

/** Returns the last verdict of a point, or undefined if it is missing or cannot be read. */
export async function lastVerdict(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<LastVerdict | undefined> {
  try {
    const bytes = await store.readFile(verifiedPath(vmId, pointId), VERDICT_LIMIT, signal);
    if (bytes === undefined) return undefined;
    const { ok, time, quick, findings } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
      string,
      unknown
    >;
    const list = Array.isArray(findings) ? findings.slice(0, MAX_FINDINGS) : [];
    return {
      ok: ok === true,
      time: String(time),
      quick: quick === true,
      findings: list.flatMap(toKnownFinding),
    };
  } catch {
    return undefined;
  }
}

function toKnownFinding(value: unknown): Finding[] {
  const { code, severity, message } = value as Partial<Finding>;
  if (typeof code !== 'string' || typeof message !== 'string') return [];
  return [
    { code, severity: severity === 'warning' || severity === 'info' ? severity : 'error', message },
  ];
}
