import type { Selection } from './store.ts';

/** Formats a selection for the clipboard: `start-end`, or JSON. Half-open, in bytes. */
export function selectionText({ start, end }: Selection, json: boolean): string {
  return json ? JSON.stringify({ start, end, length: end - start }) : `${start}-${end}`;
}
