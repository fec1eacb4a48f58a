/** Classes of the editor's language features, from which the language client's own are made. Nothing here uses them. */
class Unused {
  readonly command: unknown = undefined;
}

export class CallHierarchyItem extends Unused {}
export class CodeLens extends Unused {}
export class CompletionItem extends Unused {}
/** A problem as the extension shows it. */
export class Diagnostic extends Unused {
  code: unknown;
  source: string | undefined;
  readonly range: unknown;
  readonly message: string;
  readonly severity: unknown;

  constructor(range?: unknown, message = '', severity?: unknown) {
    super();
    this.range = range;
    this.message = message;
    this.severity = severity;
  }
}
export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 } as const;

/** A quick fix as the extension offers it. */
export class CodeAction extends Unused {
  override command: unknown = undefined;
  diagnostics: readonly Diagnostic[] = [];
  readonly title: string;
  readonly kind: unknown;

  constructor(title = '', kind?: unknown) {
    super();
    this.title = title;
    this.kind = kind;
  }
}

export interface ActionProvider {
  readonly provideCodeActions: (
    document: never,
    range: never,
    context: never,
  ) => readonly CodeAction[];
}

/** What offers quick fixes now. */
export const actionProviders = new Set<ActionProvider>();

/** By resource: what each collection holds. */
export const shownProblems = new Map<string, readonly Diagnostic[]>();
export class DocumentLink extends Unused {}
export class InlayHint extends Unused {}
export class SymbolInformation extends Unused {}
export class TypeHierarchyItem extends Unused {}

const NO_KIND = { value: '', append: (part: string) => ({ value: part }) };

export const CodeActionKind = {
  Empty: NO_KIND,
  QuickFix: NO_KIND,
  Refactor: NO_KIND,
  RefactorExtract: NO_KIND,
  RefactorInline: NO_KIND,
  RefactorMove: NO_KIND,
  RefactorRewrite: NO_KIND,
  Source: NO_KIND,
  SourceOrganizeImports: NO_KIND,
  SourceFixAll: NO_KIND,
  Notebook: NO_KIND,
} as const;
