import type { ChangeMapRequests } from '../../api/change-map.ts';
import { RequestError, type ChannelClient } from '../../common/frame/channel-client.ts';

export type Channel = ChannelClient<ChangeMapRequests>;

/** Without a sign of life for this long a request has failed. */
export const TIMEOUTS = {
  /** Progress comes on the way, but for a host that thinks; an engine that dies is told of at once. */
  open: 180_000,
  tiles: 20_000,
  page: 20_000,
  place: 10_000,
  /** A person is asked where to save. */
  save: 30 * 60_000,
  copy: 10_000,
} as const;

export const isNotOpen = (error: unknown): boolean =>
  error instanceof RequestError && error.info.code === 'map.notOpen';
