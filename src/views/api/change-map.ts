import type {
  MapInfo,
  MapReference,
  Page,
  PageRequest,
  PlaceInfo,
  SeekRequest,
  Tile,
  TileRequest,
} from '../../engine/api/change-map.ts';
import type { ChangeMapStrings } from './change-map-strings.ts';

/**
 * The change map's view. The host's page needs only
 *
 *   <link rel="stylesheet" href="…/dist/views/change-map.css">
 *   <body><main id="root"></main><script nonce="…" src="…/dist/views/change-map.js"></script></body>
 *
 * with `default-src 'none'; style-src <cspSource>; script-src 'nonce-…'`, and <html lang>. No style
 * or script is inline, no font or image is loaded. `retainContextWhenHidden` is not needed: the
 * state restores everything.
 *
 * (esbuild creates both files from two entry points, src/views/change-map/main.ts and
 * change-map.css, named views/change-map.)
 *
 * The host answers `ready` with `init`. Its reference is the one in the state of `ready`, if there
 * is one and the panel was not given another meanwhile. After a query that is the kept answer, so
 * that a hidden or reloaded page does not query the VM's host again.
 *
 * The host answers requests as follows:
 *
 * | request   | answer                                                                                                      |
 * | --------- | ----------------------------------------------------------------------------------------------------------- |
 * | open      | map/open of the engine with the host's target and the folder for kept ranges, preceded by `progress`.       |
 * |           | Closes this panel's previous map. Also the place to set the panel's title from the answer.                  |
 * | tiles     | map/tiles                                                                                                   |
 * | page      | map/page                                                                                                    |
 * | place     | map/place                                                                                                   |
 * | seek      | map/seek                                                                                                    |
 * | csv       | asks where to save, then map/csv; `saved: false` if the user cancelled                                      |
 * | png       | asks where to save and writes the decoded bytes; `saved: false` if the user cancelled                       |
 * | copy      | copies the text to the clipboard                                                                            |
 *
 * When the panel closes, the host sends map/close. After a crash of the engine, requests fail with
 * any error: the view shows it with a retry button, which sends `open`. On an error of code
 * `map.notOpen` the view reopens its reference automatically, once. The title, the strings and the
 * names of points are text: the view never parses them as HTML.
 */
export interface ChangeMapInit {
  readonly reference: MapReference;
  readonly strings: ChangeMapStrings;
  /** BCP 47, for numbers and times: vscode.env.language. */
  readonly language: string;
}

/** State restored after a reload by the panel's serializer. `kept` references need no host. */
export interface ChangeMapState {
  readonly version: 1;
  readonly reference: MapReference;
  /** null: the whole disk. */
  readonly camera: { readonly start: number; readonly bytesPerRow: number } | null;
  /** -1: the newest point of a chain. */
  readonly frame: number;
  readonly selection: { readonly start: number; readonly end: number } | null;
  readonly shown: 'map' | 'table';
}

// A type and not an interface: an interface is not assignable to a table of requests without an
// index signature.
export type ChangeMapRequests = {
  readonly open: {
    readonly params: { readonly reference: MapReference };
    readonly result: MapInfo;
  };
  readonly tiles: { readonly params: TileRequest; readonly result: readonly Tile[] };
  readonly page: { readonly params: PageRequest; readonly result: Page };
  readonly place: {
    readonly params: { readonly mapId: string; readonly frame: number; readonly offset: number };
    readonly result: PlaceInfo;
  };
  readonly seek: {
    readonly params: SeekRequest;
    readonly result: PlaceInfo | null;
  };
  readonly csv: {
    readonly params: { readonly mapId: string; readonly frame: number };
    readonly result: { readonly saved: boolean };
  };
  readonly png: {
    /** Base64 of the file, and a suggested name. */
    readonly params: { readonly png: string; readonly name: string };
    readonly result: { readonly saved: boolean };
  };
  readonly copy: {
    readonly params: { readonly text: string };
    readonly result: Readonly<Record<string, never>>;
  };
};
