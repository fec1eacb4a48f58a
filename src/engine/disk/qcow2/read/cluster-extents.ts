import type { ClusterEntry } from '../structures/l2-entry.ts';
import { SUBCLUSTERS, type Geometry } from '../structures/layout.ts';
import type { ExtentList } from './extent-list.ts';

/** Adds the extents of `[start, end)`, a part of one cluster whose entry is valid. */
export function addCluster(
  out: ExtentList,
  entry: ClusterEntry,
  start: number,
  end: number,
  g: Geometry,
): void {
  const within = start % g.clusterSize;
  if (entry.kind === 'data') out.add(start, end, 'data', entry.offset + within);
  else if (entry.kind === 'compressed') out.add(start, end, 'data', -1);
  else if (entry.kind === 'zero') out.add(start, end, 'zero', -1);
  else if (entry.kind === 'unallocated') out.add(start, end, 'transparent', -1);
  else addSubclusters(out, entry, start, end, g);
}

function addSubclusters(
  out: ExtentList,
  { offset, allocated, zeroed }: ClusterEntry,
  start: number,
  end: number,
  g: Geometry,
): void {
  const size = g.clusterSize / SUBCLUSTERS;
  const base = start - (start % g.clusterSize);
  for (let at = start; at < end;) {
    const number = Math.floor((at - base) / size);
    const to = Math.min(end, base + (number + 1) * size);
    if (((allocated >>> number) & 1) === 1) out.add(at, to, 'data', offset + at - base);
    else out.add(at, to, ((zeroed >>> number) & 1) === 1 ? 'zero' : 'transparent', -1);
    at = to;
  }
}
