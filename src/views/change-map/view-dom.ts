import { button, element } from '../common/dom.ts';
import type { ChangeMapStrings } from '../api/change-map-strings.ts';

export interface ToolbarActions {
  readonly show: (shown: 'map' | 'table') => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly copy: (json: boolean) => void;
  readonly png: () => void;
  readonly csv: () => void;
}

export interface Toolbar {
  readonly root: HTMLElement;
  readonly map: HTMLButtonElement;
  readonly table: HTMLButtonElement;
  /** Only where something is selected. */
  readonly copying: readonly HTMLButtonElement[];
  /** Only where the map is seen. */
  readonly ofMap: readonly HTMLButtonElement[];
}

const ZOOM = 2;

export function makeToolbar(strings: ChangeMapStrings, actions: ToolbarActions): Toolbar {
  const map = button(strings.showMap, () => actions.show('map'));
  const table = button(strings.showTable, () => actions.show('table'));
  const zoomIn = button('+', () => actions.zoom(1 / ZOOM), 'icon');
  const zoomOut = button('−', () => actions.zoom(ZOOM), 'icon');
  const fit = button(strings.fit, actions.fit);
  const png = button(strings.exportPng, actions.png);
  const csv = button(strings.exportCsv, actions.csv);
  const copyRange = button(strings.copyRange, () => actions.copy(false));
  const copyJson = button(strings.copyJson, () => actions.copy(true));
  for (const [each, label] of [
    [zoomIn, strings.zoomIn],
    [zoomOut, strings.zoomOut],
  ] as const) {
    each.setAttribute('aria-label', label);
    each.title = label;
  }
  const group = (label: string, ...buttons: HTMLElement[]): HTMLElement =>
    element('div', { class: 'group', role: 'group', 'aria-label': label }, ...buttons);
  const root = element('div', { class: 'toolbar' });
  root.append(
    group(strings.shownAs, map, table),
    group(strings.showMap, zoomOut, zoomIn, fit),
    group(strings.actions, copyRange, copyJson, png, csv),
  );
  const ofMap = [zoomIn, zoomOut, fit, png];
  return { root, map, table, copying: [copyRange, copyJson], ofMap };
}
