import { button, element } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import type { ChangeMapStrings } from '../../api/change-map-strings.ts';

export interface ToolbarActions {
  readonly show: (shown: 'map' | 'table') => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly seek: (direction: 'next' | 'previous') => void;
  readonly copy: (json: boolean) => void;
  readonly png: () => void;
  readonly csv: () => void;
}

export interface Toolbar {
  readonly root: HTMLElement;
  readonly map: HTMLButtonElement;
  readonly table: HTMLButtonElement;
  /** Shown only with a selection. */
  readonly copying: readonly HTMLButtonElement[];
  /** Shown only with the map. */
  readonly ofMap: readonly HTMLButtonElement[];
  /** Shown only with the map, and if it has a channel for changes. */
  readonly ofChanges: readonly HTMLButtonElement[];
}

const ZOOM = 2;

export function makeToolbar(
  strings: ChangeMapStrings,
  actions: ToolbarActions,
  help: HTMLButtonElement,
): Toolbar {
  const map = button(strings.showMap, () => actions.show('map'));
  const table = button(strings.showTable, () => actions.show('table'));
  const zoomIn = button('+', () => actions.zoom(1 / ZOOM), 'icon');
  const zoomOut = button('−', () => actions.zoom(ZOOM), 'icon');
  const fit = button(strings.fit, actions.fit);
  const previous = button('◀', () => actions.seek('previous'), 'icon');
  const next = button('▶', () => actions.seek('next'), 'icon');
  const png = button(strings.exportPng, actions.png);
  const csv = button(strings.exportCsv, actions.csv);
  const copyRange = button(strings.copyRange, () => actions.copy(false));
  const copyJson = button(strings.copyJson, () => actions.copy(true));
  for (const [each, label, key] of [
    [zoomIn, strings.zoomIn, '+'],
    [zoomOut, strings.zoomOut, '−'],
    [previous, strings.previousChange, 'P'],
    [next, strings.nextChange, 'N'],
  ] as const) {
    each.setAttribute('aria-label', label);
    each.title = fill(strings.withKey, label, key);
  }
  fit.title = fill(strings.withKey, strings.fit, '0');
  copyRange.title = fill(strings.withKey, strings.copyRangeTip, strings.copyKey);
  copyJson.title = fill(strings.withKey, strings.copyJsonTip, strings.copyJsonKey);
  png.title = strings.exportPngTip;
  csv.title = strings.exportCsvTip;
  const group = (label: string, ...buttons: HTMLElement[]): HTMLElement =>
    element('div', { class: 'group', role: 'group', 'aria-label': label }, ...buttons);
  const root = element('div', { class: 'toolbar' });
  root.append(
    group(strings.shownAs, map, table),
    group(strings.showMap, zoomOut, zoomIn, fit, previous, next),
    group(strings.actions, copyRange, copyJson, png, csv, help),
  );
  const ofMap = [zoomIn, zoomOut, fit, png];
  const ofChanges = [previous, next];
  return { root, map, table, copying: [copyRange, copyJson], ofMap, ofChanges };
}
