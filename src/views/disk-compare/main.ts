import type {
  DiskCompareInit,
  DiskCompareRequests,
  DiskCompareState,
} from '../api/disk-compare.ts';
import { DISK_COMPARE_STRINGS } from '../api/disk-compare-strings.ts';
import { startView } from '../common/frame/start-view.ts';
import { DiskCompareView } from './disk-compare-view.ts';
import { parseState, stateOf } from './state/store.ts';

startView<DiskCompareRequests, DiskCompareInit, DiskCompareState>({
  strings: DISK_COMPARE_STRINGS,
  parseState,
  make: (root, { init, kept, channel, keep }) =>
    new DiskCompareView(root, {
      init,
      kept,
      channel,
      keep: (model) => keep(() => stateOf(model, init.images)),
    }),
});
