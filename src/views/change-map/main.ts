import type { ChangeMapInit, ChangeMapRequests, ChangeMapState } from '../api/change-map.ts';
import { CHANGE_MAP_STRINGS } from '../api/change-map-strings.ts';
import { startView } from '../common/frame/start-view.ts';
import { ChangeMapView } from './change-map-view.ts';
import { parseState, stateFits, stateOf } from './state/store.ts';

startView<ChangeMapRequests, ChangeMapInit, ChangeMapState>({
  strings: CHANGE_MAP_STRINGS,
  parseState,
  make: (root, { init, kept, channel, keep }) => {
    const choice = root.dataset['renderer'];
    const view = new ChangeMapView(root, {
      init,
      kept: kept !== undefined && stateFits(kept, init.reference) ? kept : undefined,
      channel,
      keep: (model) => keep(() => stateOf(model)),
      // Tests select a renderer with an attribute of the root.
      renderer: choice === 'webgl2' || choice === 'canvas2d' ? choice : 'auto',
    });
    root.dataset['rendererName'] = view.rendererName;
    return view;
  },
});
