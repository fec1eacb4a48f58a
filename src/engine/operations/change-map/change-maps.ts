import type {
  MapInfo,
  MapOpen,
  Page,
  PageRequest,
  PlaceInfo,
  SeekRequest,
  Tile,
  TileRequest,
} from '../../api/change-map.ts';
import { newGuid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { csvLines } from '../../changemap/csv-lines.ts';
import { mapError } from '../../changemap/map-errors.ts';
import { rowIndexOf } from '../../changemap/rows.ts';
import { MAX_SEGMENTS } from '../../changemap/segments-builder.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { openContents } from './open-contents.ts';
import { OpenMap } from './open-map.ts';

/**
 * Maximum number of open maps. The least recently used one is closed; its view opens it again on
 * the next request.
 */
const MAX_OPEN = 8;
/**
 * Maximum number of ranges of all open maps: those of the two largest. Each takes about 40 bytes.
 */
const MAX_RANGES = 2 * MAX_SEGMENTS;

/** The change maps shown in views. */
export class ChangeMaps {
  readonly #pool: HostPool;
  /** Least recently used first. */
  readonly #maps = new Map<string, OpenMap>();

  constructor(pool: HostPool) {
    this.#pool = pool;
  }

  async open(params: MapOpen, progress: Progress, signal: AbortSignal): Promise<MapInfo> {
    const map = new OpenMap(await openContents(params, this.#pool, progress, signal));
    signal.throwIfAborted();
    const mapId = newGuid();
    this.#maps.set(mapId, map);
    this.#closeOldest();
    return map.info(mapId);
  }

  async tiles(request: TileRequest, signal: AbortSignal): Promise<readonly Tile[]> {
    return this.#get(request.mapId).tiles(request, signal);
  }

  async page(request: PageRequest, signal: AbortSignal): Promise<Page> {
    return this.#get(request.mapId).page(request, signal);
  }

  async place(
    request: { readonly mapId: string; readonly frame: number; readonly offset: number },
    signal: AbortSignal,
  ): Promise<PlaceInfo> {
    return this.#get(request.mapId).place(request.frame, request.offset, signal);
  }

  async seek(request: SeekRequest, signal: AbortSignal): Promise<PlaceInfo | null> {
    return this.#get(request.mapId).seek(request, signal);
  }

  /** Writes the table of a frame to a file, atomically, and replaces a file of that name. */
  async csv(
    request: { readonly mapId: string; readonly frame: number; readonly path: string },
    progress: Progress,
    signal: AbortSignal,
  ): Promise<{ rows: number }> {
    const context = await this.#get(request.mapId).rows(request.frame, signal);
    const file = await createFilePart(request.path, { replace: true }, signal);
    try {
      let offset = 0;
      progress.phase('rows', rowIndexOf(context).total);
      for (const { text, rows } of csvLines(context)) {
        const bytes = Buffer.from(text);
        await file.write(offset, bytes, signal);
        offset += bytes.length;
        progress.advance(rows);
      }
      await file.complete(offset, signal);
    } catch (error) {
      await file.abandon();
      throw error;
    }
    return { rows: rowIndexOf(context).total };
  }

  async close(mapId: string): Promise<void> {
    this.#maps.delete(mapId);
  }

  async closeAll(): Promise<void> {
    this.#maps.clear();
  }

  /** Closes the least recently used maps, but never the newest. */
  #closeOldest(): void {
    let ranges = 0;
    for (const map of this.#maps.values()) ranges += map.rangeCount;
    for (const [id, { rangeCount }] of this.#maps) {
      if (this.#maps.size === 1) return;
      if (this.#maps.size <= MAX_OPEN && ranges <= MAX_RANGES) return;
      this.#maps.delete(id);
      ranges -= rangeCount;
    }
  }

  #get(mapId: string): OpenMap {
    const map = this.#maps.get(mapId);
    if (map === undefined) {
      throw mapError('map.notOpen', 'The engine has closed this map; open it again', {
        data: { found: mapId.slice(0, 40) },
      });
    }
    this.#maps.delete(mapId);
    this.#maps.set(mapId, map);
    return map;
  }
}
