import { button, element } from '../dom.ts';

/** A message with an action, in place of the map or above it. */
export interface Notice {
  readonly root: HTMLElement;
  set(message: string, retry: (() => void) | undefined): void;
}

export function makeNotice(className: string, role: 'alert' | 'status', retryText: string): Notice {
  const text = element('p');
  let act: (() => void) | undefined;
  const retry = button(retryText, () => act?.());
  const root = element('div', { class: className, role, hidden: true }, text, retry);
  return {
    root,
    set: (message, onRetry) => {
      act = onRetry;
      if (text.textContent !== message) text.textContent = message;
      retry.hidden = onRetry === undefined;
      root.hidden = message === '';
    },
  };
}
