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
 * The change map's view. The page that the host makes needs nothing but
 *
 *   <link rel="stylesheet" href="…/dist/views/change-map.css">
 *   <body><main id="root"></main><script nonce="…" src="…/dist/views/change-map.js"></script></body>
 *
 * with `default-src 'none'; style-src <cspSource>; script-src 'nonce-…'`, and <html lang>. No style or script is inline, no font or
 * image is loaded. `retainContextWhenHidden` is not needed: the state brings everything back.
 *
 * (esbuild makes both files from two entry points, src/views/change-map/main.ts and change-map.css, named views/change-map.)
 *
 * The host answers `ready` with `init`. Its reference is that of the state that `ready` brings, where there is one and the panel was
 * not meanwhile given another: after a query that is the kept answer, so that a page that was hidden or reloaded does not ask the
 * host of the VM again.
 *
 * It answers each request so:
 *
 * | request   | answer                                                                                                      |
 * | --------- | ----------------------------------------------------------------------------------------------------------- |
 * | open      | map/open of the engine with the host's target and the folder for kept ranges, `progress` on the way. The    |
 * |           | map that this panel had open is closed. Also the place to set the panel's title from the answer.            |
 * | tiles     | map/tiles                                                                                                   |
 * | page      | map/page                                                                                                    |
 * | place     | map/place                                                                                                   |
 * | seek      | map/seek                                                                                                    |
 * | csv       | asks where to save, then map/csv; `saved: false` when the person changed their mind                         |
 * | png       | asks where to save and writes the decoded bytes; the same                                                   |
 * | copy      | the text to the clipboard                                                                                   |
 *
 * When the panel closes, map/close. When the engine died, requests fail with any error: the view shows it with a way to try again,
 * which is `open`. Errors of code `map.notOpen` make the view open its reference again by itself, once. The title, the
 * strings and the names of points are text: the view never reads them as HTML.
 */
export interface ChangeMapInit {
  readonly reference: MapReference;
  readonly strings: ChangeMapStrings;
  /** BCP 47, for numbers and times: vscode.env.language. */
  readonly language: string;
}

/** What comes back after a reload, through the serializer of the panel. `kept` references need no host. */
export interface ChangeMapState {
  readonly version: 1;
  readonly reference: MapReference;
  /** Null: the whole disk. */
  readonly camera: { readonly start: number; readonly bytesPerRow: number } | null;
  /** -1: the newest point of a chain. */
  readonly frame: number;
  readonly selection: { readonly start: number; readonly end: number } | null;
  readonly shown: 'map' | 'table';
}

// A type, not an interface: only those fit a table of requests without an open index.
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
    /** Base64 of the file, and a name to suggest. */
    readonly params: { readonly png: string; readonly name: string };
    readonly result: { readonly saved: boolean };
  };
  readonly copy: {
    readonly params: { readonly text: string };
    readonly result: Readonly<Record<string, never>>;
  };
};
