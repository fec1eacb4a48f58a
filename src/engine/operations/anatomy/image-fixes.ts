import type { ImageFinding, ImageFix } from '../../api/disk-contents.ts';

/** Findings that another parent may help against. */
const REBASE: readonly string[] = [
  'disk.parent.missing',
  'disk.parent.mismatch',
  'disk.chain.absolute',
  'disk.chain.cycle',
  'disk.chain.sectors',
];

/** Returns the fixes that may help against findings of an image. */
export function fixesOf(
  findings: readonly Pick<ImageFinding, 'code' | 'severity'>[],
  lostBytes: number,
): readonly ImageFix[] {
  const fixes: ImageFix[] = [];
  if (findings.some(({ code }) => REBASE.includes(code))) fixes.push('rebase');
  const damaged = findings.some(({ severity }) => severity === 'error');
  if (damaged || lostBytes > 0) fixes.push('rescue');
  return fixes;
}
