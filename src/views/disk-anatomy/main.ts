import type {
  DiskAnatomyInit,
  DiskAnatomyRequests,
  DiskAnatomyState,
} from '../api/disk-anatomy.ts';
import { DISK_ANATOMY_STRINGS } from '../api/disk-anatomy-strings.ts';
import { startView } from '../common/frame/start-view.ts';
import { DiskAnatomyView } from './disk-anatomy-view.ts';
import { parseState, stateOf } from './state/store.ts';

startView<DiskAnatomyRequests, DiskAnatomyInit, DiskAnatomyState>({
  strings: DISK_ANATOMY_STRINGS,
  parseState,
  make: (root, { init, kept, channel, keep }) =>
    new DiskAnatomyView(root, {
      init,
      kept,
      channel,
      keep: (model) => keep(() => stateOf(model)),
    }),
});
