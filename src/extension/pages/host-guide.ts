import * as vscode from 'vscode';

/** Pages that ship with the extension: on preparing a host, and on findings in disk images. */
const HOST_GUIDE = 'docs/prepare-a-host.md';
const CATALOGUE = 'docs/disk-findings.md';

/** Address of a heading as Markdown previews make it: in lower case, blanks as dashes, without other punctuation. */
const headingSlug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** Opens the page on preparing a host, at the entry of an error code if one is given. */
export const openHostGuide = (extension: vscode.Uri, code: string): Promise<void> =>
  openPage(extension, HOST_GUIDE, code);

/** Opens the page on findings in disk images, at the entry of a code. */
export const openCatalogue = (extension: vscode.Uri, code: string): Promise<void> =>
  openPage(extension, CATALOGUE, code);

async function openPage(extension: vscode.Uri, path: string, heading: string): Promise<void> {
  const page = vscode.Uri.joinPath(extension, ...path.split('/'));
  const uri = heading === '' ? page : page.with({ fragment: headingSlug(heading) });
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  } catch {
    // The editor's extension for Markdown can be switched off: the text is readable as it is.
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(page));
  }
}
