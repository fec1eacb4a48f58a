import { element } from '../dom.ts';
import { ViewFrame } from './view-frame.ts';

interface PartsOptions<Model> {
  /** Shown in place of the body until there are contents. */
  readonly screen: HTMLElement;
  readonly retryText: string;
  /** Class of the live region: `hidden` if only screen readers have it. */
  readonly statusClass: 'status' | 'hidden';
  /** Stores the state for a reload. */
  readonly keep: (model: Model) => void;
  readonly draw: () => void;
}

/** The parts of a view with a model: its frame, which is drawn after each change, and its live region. */
export interface ViewParts<Model> {
  readonly frame: ViewFrame;
  readonly status: HTMLElement;
  /** The part of a context's options that binds it to the frame. */
  readonly bound: { readonly status: HTMLElement; readonly onChange: (model: Model) => void };
}

/** Creates the parts of a view with a model. */
export function viewParts<Model>(
  root: HTMLElement,
  { screen, retryText, statusClass, keep, draw }: PartsOptions<Model>,
): ViewParts<Model> {
  const status = element('p', { class: statusClass, role: 'status' });
  const frame = new ViewFrame(root, { screen, retryText, draw });
  const onChange = (model: Model): void => {
    keep(model);
    frame.schedule();
  };
  return { frame, status, bound: { status, onChange } };
}
