import type { ChangeMaps } from '../../operations/change-map/change-maps.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names = 'openMap' | 'mapTiles' | 'mapPage' | 'mapPlace' | 'mapSeek' | 'mapCsv' | 'closeMap';

/** Handles the requests of change maps. */
export function mapHandlers(maps: ChangeMaps): Handlers<Names> {
  return {
    openMap: (params, { progress, signal }) => maps.open(params, progress, signal),
    mapTiles: (params, { signal }) => maps.tiles(params, signal),
    mapPage: (params, { signal }) => maps.page(params, signal),
    mapPlace: (params, { signal }) => maps.place(params, signal),
    mapSeek: (params, { signal }) => maps.seek(params, signal),
    mapCsv: (params, { progress, signal }) => maps.csv(params, progress, signal),
    closeMap: async ({ mapId }) => {
      await maps.close(mapId);
      return {};
    },
  };
}
