import type { MapFrame, MapInfo } from '../../api/change-map.ts';
import type { PartitionInfo } from '../../api/guest/inspection.ts';
import type { Segments } from '../../changemap/segments.ts';

export interface MapWarning {
  readonly code: string;
  readonly message: string;
}

/** The data of one frame, or of the whole map. */
export interface FrameContents {
  readonly segments: Segments;
  /** IDs of points, indexed by the writer numbers in the segments' tags. */
  readonly points: readonly string[];
}

/** The opened map: all of it in memory, without open files. */
export interface MapContents extends FrameContents {
  readonly title: string;
  /** The title without the point, for maps whose frames are separate points. */
  readonly subject?: string;
  readonly sharedBy?: MapInfo['sharedBy'];
  readonly changeWord: MapInfo['changeWord'];
  /** Null if the sectors cannot be read. */
  readonly partitions: readonly PartitionInfo[] | null;
  readonly frames: readonly MapFrame[];
  /** Reads a frame. Not all frames are kept in memory. */
  readonly frame: (index: number, signal: AbortSignal) => Promise<FrameContents>;
  readonly kept: string | null;
  readonly warnings: readonly MapWarning[];
}

/** For a map of a single moment. */
export const noFrames: Pick<MapContents, 'frames' | 'frame'> = {
  frames: [],
  frame: () => Promise.reject(new Error('This map has no frames')),
};
