// Loaded before every test: in tests the module `vscode`, which only the editor has, is test/support/fake-vscode.ts. A test loads up to
// 1,200 sources: that Node looks on the disk for the file and the package of each is a quarter of its start.
import { registerHooks } from 'node:module';

const fake = new URL('fake-vscode.ts', import.meta.url).href;
const isSource = /^\.\.?\/.*\.ts$/;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'vscode') return { url: fake, shortCircuit: true };
    if (context.parentURL === undefined || !isSource.test(specifier))
      return next(specifier, context);
    const { href } = new URL(specifier, context.parentURL);
    return { url: href, format: 'module-typescript', shortCircuit: true };
  },
});
