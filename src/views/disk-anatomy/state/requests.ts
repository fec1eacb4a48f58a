import type { DiskAnatomyRequests } from '../../api/disk-anatomy.ts';
import { RequestError, type ChannelClient } from '../../common/frame/channel-client.ts';

export type Channel = ChannelClient<DiskAnatomyRequests>;

/** Milliseconds without reply or progress after which a request fails. */
export const TIMEOUTS = {
  /** Reads a table of millions of blocks, possibly over a network. */
  open: 180_000,
  blocks: 30_000,
  bytes: 30_000,
  /** Checks every table of the image and its parents, without progress. */
  survey: 30 * 60_000,
  /** Between two reports of progress. */
  search: 60_000,
  copy: 10_000,
  /** Includes the time in which the user answers a question. */
  parent: 30 * 60_000,
} as const;

/** Whether the engine has closed the file for others, or was restarted. */
export const isNotOpen = (error: unknown): boolean =>
  error instanceof RequestError && error.info.code === 'anatomy.notOpen';
