import type { MapFrame, MapInfo, PartitionInfo } from '../../api/change-map.ts';
import type { Segments } from '../../changemap/segments.ts';

export interface MapWarning {
  readonly code: string;
  readonly message: string;
}

/** What one frame, or the whole, shows. */
export interface FrameContents {
  readonly segments: Segments;
  /** Ids of points, by the numbers of writers in the segments' tags. */
  readonly points: readonly string[];
}

/** What a reference opens to: all of it in memory, no file held open. */
export interface MapContents extends FrameContents {
  readonly title: string;
  /** The title without the point, for maps whose frames are points of their own. */
  readonly subject?: string;
  readonly changeWord: MapInfo['changeWord'];
  /** Null where the sectors cannot be read. */
  readonly partitions: readonly PartitionInfo[] | null;
  readonly frames: readonly MapFrame[];
  /** Reads a frame; they are not all kept. */
  readonly frame: (index: number, signal: AbortSignal) => Promise<FrameContents>;
  readonly kept: string | null;
  readonly warnings: readonly MapWarning[];
}

/** Of a map of one moment. */
export const noFrames: Pick<MapContents, 'frames' | 'frame'> = {
  frames: [],
  frame: () => Promise.reject(new Error('This map has no frames')),
};
