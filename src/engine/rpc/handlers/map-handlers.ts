import type { ChangeMaps } from '../change-map/change-maps.ts';
import type { Handlers } from './handlers.ts';

type Names = 'openMap' | 'mapTiles' | 'mapPage' | 'mapPlace' | 'mapCsv' | 'closeMap';

/** Requests of change maps. */
export function mapHandlers(maps: ChangeMaps): Handlers<Names> {
  return {
    openMap: (params, { progress, signal }) => maps.open(params, progress, signal),
    mapTiles: async (params) => maps.tiles(params),
    mapPage: async (params) => maps.page(params),
    mapPlace: async (params) => maps.place(params),
    mapCsv: (params, { progress, signal }) => maps.csv(params, progress, signal),
    closeMap: async ({ mapId }) => {
      await maps.close(mapId);
      return {};
    },
  };
}
