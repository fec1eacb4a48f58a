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
export function fixesOf(findings: readonly Pick<ImageFinding, 'code'>[]): readonly ImageFix[] {
  return findings.some(({ code }) => REBASE.includes(code)) ? ['rebase'] : [];
}
