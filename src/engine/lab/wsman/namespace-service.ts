import { ClassTable } from '../wmi/class-table.ts';
import type { CimRepository } from '../wmi/repository.ts';
import { Enumerations } from './enumeration/enumerate.ts';
import { Renderer } from './render/render.ts';

/** One namespace of the host as the dispatcher uses it. */
export class NamespaceService {
  readonly classes: ClassTable;
  readonly renderer: Renderer;
  readonly enumerations: Enumerations;

  constructor(repository: CimRepository) {
    this.classes = new ClassTable(repository);
    this.renderer = new Renderer(this.classes);
    this.enumerations = new Enumerations(this.classes, this.renderer);
  }
}
