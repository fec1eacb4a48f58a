import type { ChangeMapRequests } from '../../api/change-map.ts';
import { RequestError, type ChannelClient } from '../../common/frame/channel-client.ts';

export type Channel = ChannelClient<ChangeMapRequests>;

/** Milliseconds without reply or progress after which a request fails. */
export const TIMEOUTS = {
  /**
   * Progress arrives on the way, except while a host is busy; a crash of the engine is reported at
   * once.
   */
  open: 180_000,
  tiles: 20_000,
  page: 20_000,
  place: 10_000,
  /** Includes the time in which the user chooses a file. */
  save: 30 * 60_000,
  copy: 10_000,
} as const;

export const isNotOpen = (error: unknown): boolean =>
  error instanceof RequestError && error.info.code === 'map.notOpen';
