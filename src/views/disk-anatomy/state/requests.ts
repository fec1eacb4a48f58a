import type { DiskAnatomyRequests } from '../../api/disk-anatomy.ts';
import { RequestError, type ChannelClient } from '../../common/frame/channel-client.ts';

export type Channel = ChannelClient<DiskAnatomyRequests>;

/** Without a sign of life for this long a request has failed. */
export const TIMEOUTS = {
  /** A table of millions of blocks is read from wherever the file lies. */
  open: 180_000,
  blocks: 30_000,
  bytes: 30_000,
  copy: 10_000,
  /** A person is asked. */
  parent: 30 * 60_000,
} as const;

/** The engine has closed the file for others, or is another one. */
export const isNotOpen = (error: unknown): boolean =>
  error instanceof RequestError && error.info.code === 'anatomy.notOpen';
