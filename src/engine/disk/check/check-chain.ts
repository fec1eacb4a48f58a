import fs from 'node:fs/promises';
import type { DiskImage } from '../image/image.ts';
import type { CheckFindings } from './check-findings.ts';

/** Maximum number of bytes of hidden data that are counted, per link. */
const MAX_EXTENTS = 100_000;

/**
 * Checks how each image of a chain fits its parent. Whether the parent is there, and is the one from
 * which the child was made, is decided when the chain is opened.
 */
export async function checkLinks(
  layers: readonly DiskImage[],
  chain: readonly string[],
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<void> {
  for (const [i, parent] of layers.entries()) {
    const child = layers[i - 1];
    const [childPath, parentPath] = [chain[i - 1], chain[i]];
    if (child === undefined || childPath === undefined || parentPath === undefined) continue;
    const { parent: link } = child;
    if (child.size !== parent.size) {
      findings.add({
        code: 'disk.chain.size',
        severity: 'info',
        message: `the disk has ${child.size} bytes, that of its parent ${parentPath} ${parent.size}; beyond the parent's end there are zeros`,
        path: childPath,
        found: child.size,
        expected: parent.size,
        section: 'MS-VHDX 2.6.2.2',
      });
    }
    if (link?.relativePath === undefined && link?.absolutePath !== undefined) {
      findings.add({
        code: 'disk.chain.absolute',
        severity: 'warning',
        message: `only an absolute path names the parent ${parentPath}; it is lost when the folder moves`,
        path: childPath,
        section: 'MS-VHDX 2.6.2.6.3',
      });
    }
    if (link?.holds !== true) await checkTimes(childPath, parentPath, findings);
    await checkHidden(child, parent, childPath, findings, signal);
  }
}

/** A parent that was written later is accepted if its identity is unchanged. */
async function checkTimes(child: string, parent: string, findings: CheckFindings): Promise<void> {
  const [own, other] = await Promise.all([fs.stat(child), fs.stat(parent)]);
  // Copies of both files have times in any order; only a parent that is days newer says something.
  if (other.mtimeMs - own.mtimeMs < DAY) return;
  findings.add({
    code: 'disk.chain.newer',
    severity: 'info',
    message: `the parent ${parent} was written at ${other.mtime.toISOString()}, after its child; its identity is unchanged`,
    path: child,
    found: other.mtime.toISOString(),
    expected: `not after ${own.mtime.toISOString()}`,
    section: 'MS-VHDX 2.6.2.6.3',
  });
}

const DAY = 86_400_000;

/** Zero blocks hide data of the parent: a tool that drops them brings the data back. */
async function checkHidden(
  child: DiskImage,
  parent: DiskImage,
  path: string,
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<void> {
  const zeros: { start: number; end: number }[] = [];
  for await (const batch of child.surveyedIn([{ start: 0, end: child.size }], signal)) {
    for (const { kind, start, end } of batch) {
      const last = Math.min(end, parent.size);
      if (kind === 'zero' && start < last) zeros.push({ start, end: last });
    }
    if (zeros.length > MAX_EXTENTS) break;
  }
  let hidden = 0;
  let first = -1;
  if (zeros.length === 0) return;
  for await (const batch of parent.surveyedIn(zeros, signal)) {
    for (const { kind, start, end } of batch) {
      if (kind !== 'data') continue;
      if (first < 0) first = start;
      hidden += end - start;
    }
  }
  if (hidden === 0) return;
  findings.add({
    code: 'disk.chain.hidden',
    severity: 'info',
    message: `zero blocks hide ${hidden} bytes of data of the parent, from ${first} on; a program that drops zero blocks brings them back`,
    path,
    range: { start: first, length: hidden },
    section: 'MS-VHDX 2.5.1.1',
  });
}
