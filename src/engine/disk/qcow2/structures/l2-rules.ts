import type { Defect } from '../../inspect/defect.ts';
import type { ClusterEntry } from './l2-entry.ts';
import { section, type Geometry } from './layout.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

/**
 * Returns the broken rule of an L2 entry, if there is one. The last cluster of a file may be cut
 * short: its missing bytes read as zeros.
 * @param cluster number of the disk's cluster
 * @param at file offset of the entry
 */
export function l2Defect(
  entry: ClusterEntry,
  cluster: number,
  at: number,
  g: Geometry,
  fileSize: number,
): Defect<Qcow2ErrorCode> | undefined {
  const rule = brokenRule(entry, g, fileSize);
  if (rule === undefined) return undefined;
  const start = cluster * g.clusterSize;
  return {
    ...rule,
    error: 'qcow2.l2',
    structure: `qcow2 L2 entry of cluster ${cluster}`,
    offset: at,
    section: section(g.extended ? 'Extended L2 Entries' : 'Cluster mapping'),
    range: { start, length: Math.max(0, Math.min(g.clusterSize, g.size - start)) },
  };
}

type Rule = Pick<Defect, 'code' | 'field' | 'found' | 'expected'>;

function brokenRule(entry: ClusterEntry, g: Geometry, fileSize: number): Rule | undefined {
  const { kind, offset } = entry;
  if (entry.reserved) {
    return rule('qcow2.l2.reserved', 'reserved bits', 'not zero', 'zero');
  }
  if (kind === 'compressed') {
    if (offset !== 0 && offset < fileSize) return undefined;
    const expected = `compressed data inside the file of ${fileSize} bytes`;
    return rule('qcow2.l2.compressed', 'offset', offset, expected);
  }
  if (entry.zeroFlag && (g.version < 3 || g.extended)) {
    const where = g.extended ? 'with extended entries' : 'in version 2';
    return rule('qcow2.l2.zeroFlag', 'zero flag', 1, `0 ${where}`);
  }
  if ((entry.allocated & entry.zeroed) !== 0) {
    const found = 'allocated and zero';
    return rule('qcow2.l2.subclusters', 'subcluster', found, 'at most one of both');
  }
  if (offset === 0) {
    if (entry.allocated === 0) return undefined;
    return rule('qcow2.l2.offset', 'offset', 0, 'the cluster of its allocated subclusters');
  }
  if (offset % g.clusterSize !== 0) {
    return rule('qcow2.l2.alignment', 'offset', offset, `a multiple of ${g.clusterSize}`);
  }
  if (offset + g.clusterSize - fileSize < g.clusterSize) return undefined;
  return rule('qcow2.l2.beyond', 'offset', offset, `less than ${fileSize}, the file’s size`);
}

const rule = (code: string, field: string, found: string | number, expected: string): Rule => ({
  code,
  field,
  found,
  expected,
});
