import type { MapOpen } from '../../api/change-map.ts';
import type { Progress } from '../../base/progress.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { openCsv, openImage } from './file-maps.ts';
import type { MapContents } from './map-contents.ts';
import { openImageQuery, openKept, openQuery } from './query-maps.ts';
import { openStored } from './stored-map.ts';

/** Opens the map that a reference names. */
export function openContents(
  params: MapOpen,
  pool: HostPool,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  const { reference } = params;
  switch (reference.kind) {
    case 'query':
      return openQuery(reference, params, pool, progress, signal);
    case 'imageQuery':
      return openImageQuery(reference, params, progress, signal);
    case 'kept':
      return openKept(reference, params, signal);
    case 'csv':
      return openCsv(reference, progress, signal);
    case 'image':
      return openImage(reference, progress, signal);
    case 'point':
    case 'chain':
    case 'between':
      return openStored(reference, progress, signal);
  }
}
