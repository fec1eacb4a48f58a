import {
  GREATEST_LEVEL,
  LEAST_LEVEL,
  MAX_TILES,
  type MapInfo,
  type Page,
  type PageRequest,
  type PlaceInfo,
  type SeekRequest,
  type Tile,
  type TileRequest,
} from '../../api/change-map.ts';
import { mapError } from '../../changemap/map-errors.ts';
import { orderedRows } from '../../changemap/row-order.ts';
import {
  bytesOf,
  pageRows,
  placeAt,
  rowIndexOf,
  seekChange,
  type RowContext,
} from '../../changemap/rows.ts';
import { tileCells } from '../../changemap/tile.ts';
import { Frames } from './frames.ts';
import type { FrameContents, MapContents } from './map-contents.ts';

/** Number of the frame that is the whole map. */
const WHOLE = -1;

/** An open map: serves views from memory. */
export class OpenMap {
  readonly #contents: MapContents;
  readonly #frames: Frames;

  constructor(contents: MapContents) {
    this.#contents = contents;
    this.#frames = new Frames(contents.frame);
  }

  /** Number of ranges of the whole map. */
  get rangeCount(): number {
    return this.#contents.segments.count;
  }

  info(mapId: string): MapInfo {
    const { title, subject, sharedBy, segments, changeWord, frames, partitions, kept, warnings } =
      this.#contents;
    return {
      mapId,
      title,
      subject: subject ?? title,
      ...(sharedBy === undefined ? {} : { sharedBy }),
      virtualSize: segments.size,
      bytes: bytesOf(this.#context(this.#contents)),
      changeWord,
      rangeCount: rowIndexOf(this.#context(this.#contents)).total,
      frames,
      partitions,
      kept,
      warnings,
    };
  }

  async tiles(
    { frame, level, indexes }: TileRequest,
    signal: AbortSignal,
  ): Promise<readonly Tile[]> {
    const { segments } = await this.rows(frame, signal);
    const good =
      Number.isInteger(level) &&
      level >= LEAST_LEVEL &&
      level <= GREATEST_LEVEL &&
      indexes.length <= MAX_TILES &&
      indexes.every((index) => Number.isSafeInteger(index) && index >= 0);
    if (!good) {
      throw mapError(
        'map.request',
        `Invalid request for ${indexes.length} tiles of level ${level}`,
        {
          data: { level, count: indexes.length },
        },
      );
    }
    return indexes.map((index) => {
      const tile = tileCells(segments, level, index);
      if ('fill' in tile) return { index, cells: '', fill: tile.fill };
      return { index, cells: Buffer.from(tile.cells).toString('base64'), fill: [0, 0, 0, 0] };
    });
  }

  async page({ frame, from, count, order }: PageRequest, signal: AbortSignal): Promise<Page> {
    const context = await this.rows(frame, signal);
    const listed = order === undefined ? undefined : orderedRows(context, order);
    const rows = pageRows(context, from, count, listed);
    const total = listed?.length ?? rowIndexOf(context).total;
    return { total, bytes: bytesOf(context), rows };
  }

  async seek(
    { frame, offset, direction }: SeekRequest,
    signal: AbortSignal,
  ): Promise<PlaceInfo | null> {
    return seekChange(await this.rows(frame, signal), offset, direction);
  }

  async place(frame: number, offset: number, signal: AbortSignal): Promise<PlaceInfo> {
    return placeAt(await this.rows(frame, signal), offset);
  }

  /** Returns a frame with everything that its rows display. */
  async rows(frame: number, signal: AbortSignal): Promise<RowContext> {
    return this.#context(frame === WHOLE ? this.#contents : await this.#frame(frame, signal));
  }

  #context({ segments, points }: FrameContents): RowContext {
    const { partitions, changeWord } = this.#contents;
    return {
      segments,
      points,
      partitions: partitions ?? [],
      changesUnknown: changeWord === 'allocated',
      allocationUnknown: segments.restUnknown,
    };
  }

  async #frame(index: number, signal: AbortSignal): Promise<FrameContents> {
    const count = this.#contents.frames.length;
    if (Number.isInteger(index) && index >= 0 && index < count) {
      return this.#frames.get(index, signal);
    }
    throw mapError('map.request', `Invalid frame ${index}: the map has ${count} frames`, {
      data: { frame: index, expected: count },
    });
  }
}
