import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Random } from '../random.ts';
import { type Item, type ItemWrite, type QueryInput, TableRows, writesOf } from '../table-rows.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';
import type { Command, Request } from './transport.ts';
import type { Defects } from './world.ts';

export type Row = Readonly<Item>;

/** A change of a row, as the stream will tell it. */
export interface Changed {
  readonly before?: Row;
  readonly after?: Row;
}

interface Surroundings {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly random: Random;
  readonly defects: Defects;
}

/** Rows are made by store/ for one write each, and nobody may change what he reads: frozen, they need no copy. */
class FrozenRows extends TableRows {
  protected override copied<T>(value: T): T {
    return value;
  }

  protected override put(key: Item, item: Item | undefined): void {
    deepFreeze(item);
    super.put(key, item);
  }
}

/** The state table: rows at once, its indexes a moment later, and each change told to whoever listens. */
class IndexedTable extends FrozenRows {
  readonly changed: ((change: Changed) => void)[] = [];
  readonly #indexed = new Map<string, Item>();
  readonly #world: Surroundings;

  constructor(world: Surroundings) {
    super();
    this.#world = world;
  }

  protected override allowed(write: ItemWrite): boolean {
    return this.#world.defects.noConditions === true || super.allowed(write);
  }

  protected override queried({ IndexName }: QueryInput): Iterable<Item> {
    return (IndexName === undefined ? this.rows : this.#indexed).values();
  }

  protected override put(key: Item, item: Item | undefined): void {
    const at = this.key(item ?? key);
    const before = this.rows.get(at);
    super.put(key, item);
    for (const tell of this.changed) tell({ ...(before ? { before } : {}), ...(item ? { after: item } : {}) });
    const { scheduler, faults, random } = this.#world;
    const lag = faults.fires('index-lags') ? random.between(200, 3000) : random.between(1, 20);
    scheduler.after(lag, '', () => this.#index(at, item));
  }

  #index(at: string, item: Item | undefined): void {
    // A later write may have been indexed before.
    const now = this.rows.get(at);
    if (item === undefined && now === undefined) this.#indexed.delete(at);
    else if (item !== undefined && Number(item.version) >= Number(this.#indexed.get(at)?.version ?? 0)) {
      this.#indexed.set(at, item);
    }
  }
}

const deepFreeze = (value: unknown): void => {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) if (typeof each === 'object') deepFreeze(each);
};

/** Tables other than the state table: rows and conditions, no stream. */
export class Tables {
  readonly state: IndexedTable;
  readonly audit = new FrozenRows();
  /** A transaction that the SDK sends again is done once. */
  readonly #done = new WeakSet<object>();

  constructor(world: Surroundings) {
    this.state = new IndexedTable(world);
  }

  readonly serve = (command: Command, request: Request): unknown => {
    if (command instanceof GetCommand) return { Item: this.#of(command.input).read(command.input.Key ?? {}) };
    if (command instanceof BatchGetCommand) return this.state.readAll(command.input.RequestItems ?? {});
    if (command instanceof QueryCommand) return this.#of(command.input).query(command.input);
    if (command instanceof PutCommand) return this.#of(command.input).write(command.input);
    if (command instanceof DeleteCommand) return this.#of(command.input).write(command.input);
    if (command instanceof ScanCommand) return { Items: [...this.state.rows.values()] };
    if (command instanceof DescribeTableCommand) return { Table: { TableId: 'table-1' } };
    if (command instanceof TransactWriteCommand) return this.#transact(command, request);
    throw new Error(`the tables do not know ${command.constructor.name}`);
  };

  #of({ TableName }: { TableName?: string | undefined }): TableRows {
    return TableName === 'audit' ? this.audit : this.state;
  }

  #transact({ input }: TransactWriteCommand, { id }: Request): unknown {
    if (this.#done.has(id)) return {};
    const items = input.TransactItems ?? [];
    const [first] = items;
    const answer = this.#of({
      TableName: first?.Put?.TableName ?? first?.Delete?.TableName ?? first?.ConditionCheck?.TableName,
    }).transact(writesOf(items));
    this.#done.add(id);
    return answer;
  }
}
