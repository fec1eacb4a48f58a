import {
  GREATEST_LEVEL,
  LEAST_LEVEL,
  MAX_TILES,
  type MapInfo,
  type Page,
  type PageRequest,
  type PlaceInfo,
  type Tile,
  type TileRequest,
} from '../../api/change-map.ts';
import { never } from '../../base/abort.ts';
import { mapError } from '../../changemap/map-errors.ts';
import { bytesOf, pageRows, placeAt, type RowContext } from '../../changemap/rows.ts';
import { tileCells } from '../../changemap/tile.ts';
import type { FrameContents, MapContents } from './map-contents.ts';

/** Frames kept in memory: those that a person looks at go to and fro. */
const MAX_FRAMES = 4;
/** The whole, as a frame. */
const WHOLE = -1;

/** An open map: answers views from memory. */
export class OpenMap {
  readonly #contents: MapContents;
  readonly #frames = new Map<number, Promise<FrameContents>>();

  constructor(contents: MapContents) {
    this.#contents = contents;
  }

  /** Of the whole. */
  get rangeCount(): number {
    return this.#contents.segments.count;
  }

  info(mapId: string): MapInfo {
    const { title, segments, changeWord, frames, partitions, kept, warnings } = this.#contents;
    return {
      mapId,
      title,
      virtualSize: segments.size,
      bytes: bytesOf(this.#context(this.#contents)),
      changeWord,
      rangeCount: segments.count,
      frames,
      partitions,
      kept,
      warnings,
    };
  }

  async tiles({ frame, level, indexes }: TileRequest): Promise<readonly Tile[]> {
    const { segments } = await this.rows(frame);
    const good =
      Number.isInteger(level) &&
      level >= LEAST_LEVEL &&
      level <= GREATEST_LEVEL &&
      indexes.length <= MAX_TILES &&
      indexes.every((index) => Number.isSafeInteger(index) && index >= 0);
    if (!good) {
      throw mapError('map.request', `${indexes.length} tiles of level ${level} cannot be had`, {
        data: { level, count: indexes.length },
      });
    }
    return indexes.map((index) => {
      const tile = tileCells(segments, level, index);
      if ('fill' in tile) return { index, cells: '', fill: tile.fill };
      return { index, cells: Buffer.from(tile.cells).toString('base64'), fill: [0, 0, 0, 0] };
    });
  }

  async page({ frame, from, count }: PageRequest): Promise<Page> {
    const context = await this.rows(frame);
    const rows = pageRows(context, from, count);
    return { total: context.segments.count, bytes: bytesOf(context), rows };
  }

  async place(frame: number, offset: number): Promise<PlaceInfo> {
    return placeAt(await this.rows(frame), offset);
  }

  /** A frame with all that its rows are shown with. */
  async rows(frame: number): Promise<RowContext> {
    return this.#context(frame === WHOLE ? this.#contents : await this.#frame(frame));
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

  /** Shared by those who ask at once; one that failed is read again. */
  #frame(index: number): Promise<FrameContents> {
    const count = this.#contents.frames.length;
    if (!(Number.isInteger(index) && index >= 0 && index < count)) {
      throw mapError('map.request', `Frame ${index} is none of the map's ${count}`, {
        data: { frame: index, expected: count },
      });
    }
    const frames = this.#frames;
    const loading = frames.get(index) ?? this.#contents.frame(index, never);
    frames.delete(index);
    frames.set(index, loading);
    loading.catch(() => frames.delete(index));
    const [oldest] = frames.keys();
    if (frames.size > MAX_FRAMES && oldest !== undefined) frames.delete(oldest);
    return loading;
  }
}
