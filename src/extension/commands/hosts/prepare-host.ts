import { openHostGuide } from '../../pages/host-guide.ts';
import type { CommandHandler } from '../../services/services.ts';

/** Option: the `code` of an error that the page explains. */
export const prepareHost: CommandHandler = async ({ context }, _node, _selected, options) => {
  const { code } = (options ?? {}) as { readonly code?: unknown };
  await openHostGuide(context.extensionUri, typeof code === 'string' ? code : '');
};
