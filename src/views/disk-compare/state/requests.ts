import type { DiskCompareRequests } from '../../api/disk-compare.ts';
import { RequestError, type ChannelClient } from '../../common/frame/channel-client.ts';
import { ModelContext } from '../../common/frame/model-context.ts';
import type { CompareAction, CompareModel } from './store.ts';
import type { CompareWords } from './compare-words.ts';

export type Channel = ChannelClient<DiskCompareRequests>;

/** Milliseconds without reply or progress after which a request fails. */
export const TIMEOUTS = {
  /** Reads tables of millions of blocks, possibly over a network. */
  open: 180_000,
  sectors: 30_000,
  /** Checks every table of an image and its parents, without progress. */
  survey: 30 * 60_000,
  /** Between two reports of progress. */
  differences: 120_000,
  short: 30_000,
} as const;

/** Whether the engine has closed an image for others, or was restarted. */
export const isNotOpen = (error: unknown): boolean =>
  error instanceof RequestError && error.info.code === 'anatomy.notOpen';

/** Shared by the parts of the view. */
export class CompareContext extends ModelContext<
  CompareModel,
  CompareAction,
  Channel,
  CompareWords
> {}
