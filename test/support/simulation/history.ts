import { isOpen, type Operation } from '../../../lambdas/domain/operation.ts';
import { TRANSITIONS, type Vm, type VmOperationKind } from '../../../lambdas/domain/vm.ts';
import type { Changed } from './tables.ts';
import type { World } from './world.ts';

const isVmKind = (kind: string): kind is VmOperationKind => Object.hasOwn(TRANSITIONS, kind);

/**
 * Watches every write as it lands (I5, and the online half of I6): versions rise by one, a VM is held by one operation at
 * a time, moves only as the state chart says, and an operation that has ended stays ended.
 */
export class History {
  readonly broken: string[] = [];
  readonly open = new Set<string>();
  /** Operations by VM, in the order in which they held it. */
  readonly held = new Map<string, string[]>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    world.tables.state.changed.push((change) => this.#hear(change));
  }

  #fault(text: string): void {
    this.broken.push(text);
    this.#world.scheduler.note(`!!! ${text}`);
  }

  #hear({ before, after }: Changed): void {
    const entity = (after ?? before)?.entity;
    // Rows are written through store/ only, so `entity` names their type.
    if (entity === 'vm') this.#vm(before as Vm | undefined, after as Vm | undefined);
    if (entity === 'operation') this.#operation(before as Operation | undefined, after as Operation | undefined);
  }

  #operation(before: Operation | undefined, after: Operation | undefined): void {
    if (after === undefined) {
      this.#fault(`I6 the operation ${before?.id} was deleted`);
      return;
    }
    if (after.version !== (before?.version ?? 0) + 1) this.#fault(`I5 ${after.id}: version ${after.version}`);
    if (before && !isOpen(before) && before.state !== after.state) {
      this.#fault(`I6 ${after.id} was ${before.state} and is ${after.state}`);
    }
    if (isOpen(after)) this.open.add(after.id);
    else this.open.delete(after.id);
  }

  #vm(before: Vm | undefined, after: Vm | undefined): void {
    if (after === undefined) {
      if (before?.managed) this.#fault(`I1 the row of ${before.id} was deleted`);
      return;
    }
    if (!after.managed) {
      this.#fault(`I3 a stranger is shown: ${after.id} ${after.providerId}`);
      return;
    }
    if (after.version !== (before?.version ?? 0) + 1) this.#fault(`I5 ${after.id}: version ${after.version}`);
    const wrong = this.#step(before, after);
    if (wrong !== undefined) this.#fault(`I5 ${after.id}: ${wrong} (${before?.state} → ${after.state})`);
  }

  /** What is wrong with one write of a VM. */
  #step(before: Vm | undefined, after: Vm): string | undefined {
    const [was, is] = [before?.lock?.operationId, after.lock?.operationId];
    if (before === undefined) return is !== undefined && after.state === 'pending' ? this.#hold(after) : 'made unheld';
    if (was !== undefined && is !== undefined) {
      if (was !== is) return `held by ${was}, then by ${is}`;
      return before.state === after.state ? undefined : 'moved while it was held';
    }
    if (is !== undefined) return this.#begun(before, after);
    if (was !== undefined) return after.state === 'unknown' ? 'left unknown' : undefined;
    if (before.state === 'deleted' && after.state !== 'deleted') return 'came back by itself';
    return after.state === 'deleted' && before.state !== 'deleted' ? 'was deleted by nobody' : undefined;
  }

  #begun(before: Vm, after: Vm): string | undefined {
    const kind = after.lock?.reason ?? '';
    if (!isVmKind(kind)) return `held for ${kind}`;
    const { from, via } = TRANSITIONS[kind];
    if (!from.includes(before.state) || after.state !== via) return `${kind} is not in the state chart`;
    return this.#hold(after);
  }

  #hold({ id, lock }: Vm): undefined {
    this.held.set(id, [...(this.held.get(id) ?? []), lock?.operationId ?? '']);
  }
}
