import type { Anatomies } from '../../operations/anatomy/anatomies.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names =
  | 'openAnatomy'
  | 'anatomyBlocks'
  | 'anatomyBlock'
  | 'anatomyBytes'
  | 'anatomySurvey'
  | 'anatomySectors'
  | 'anatomySearch'
  | 'anatomyDifferences'
  | 'closeAnatomy';

/** Handles the requests of the disk anatomy editor. */
export function anatomyHandlers(anatomies: Anatomies): Handlers<Names> {
  return {
    openAnatomy: (params, { signal }) => anatomies.open(params, signal),
    anatomyBlocks: (params, { signal }) => anatomies.blocks(params, signal),
    anatomyBlock: (params, { signal }) => anatomies.block(params, signal),
    anatomyBytes: (params, { signal }) => anatomies.bytes(params, signal),
    anatomySurvey: ({ anatomyId }, { signal }) => anatomies.survey(anatomyId, signal),
    anatomySectors: (params, { signal }) => anatomies.sectors(params, signal),
    anatomySearch: (params, { progress, signal }) => anatomies.search(params, progress, signal),
    anatomyDifferences: (params, { progress, signal }) =>
      anatomies.differences(params, progress, signal),
    closeAnatomy: async ({ anatomyId }) => {
      await anatomies.close(anatomyId);
      return {};
    },
  };
}
